"""`Message`: anything a machine may take or give."""

from typing import TypeAlias

from services.domain.messages import control, market, orders, risk, session, strategy

MarketMessage: TypeAlias = (
    market.MarketMinute
    | market.FeedFault
    | market.SuppliedLevels
    | market.Trade
    | market.DepthBatch
)
FeedMessage: TypeAlias = (
    market.FeedHello | market.FeedWelcome | market.FeedBatch | market.FeedAck | market.FeedCarry
)
SessionMessage: TypeAlias = session.SessionCarry | session.SessionMinute
RiskMessage: TypeAlias = (
    risk.Decision
    | risk.OrderCommand
    | risk.Position
    | risk.LedgerMark
    | risk.StateChanged
    | risk.Alert
    | risk.RiskMinute
    | risk.LedgerCarry
)
ReportMessage: TypeAlias = (
    orders.CommandAck
    | orders.OrderUpdate
    | orders.Execution
    | orders.AccountValues
    | orders.LinkStatus
)
OrderLinkMessage: TypeAlias = (
    orders.ClientHello
    | orders.ClientWelcome
    | orders.CommandsRequest
    | orders.Instruction
    | orders.ReportBatch
    | orders.ReportAck
    | orders.LinkLost
    | orders.RouterCarry
)
ControlMessage: TypeAlias = (
    control.Heartbeat
    | control.Upstreams
    | control.Halt
    | control.Kill
    | control.Resume
    | control.Tighten
    | control.PreflightResult
    | control.ControlAck
)
Message: TypeAlias = (
    MarketMessage
    | FeedMessage
    | SessionMessage
    | strategy.Evaluated
    | RiskMessage
    | ReportMessage
    | OrderLinkMessage
    | ControlMessage
)

MinutePart: TypeAlias = market.Bar | session.SessionUpdate | risk.BarSettled
"""What travels inside a minute's message."""
Event: TypeAlias = Message | MinutePart
"""What people and exports read: minutes taken apart."""
