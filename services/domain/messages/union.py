"""`Message`: anything a machine may take or give."""

from typing import TypeAlias

from services.domain.messages import control, link, market, orders, risk, session, strategy

ReportMessage: TypeAlias = (
    orders.CommandAck
    | orders.OrderUpdate
    | orders.Execution
    | orders.AccountValues
    | orders.LinkStatus
    | orders.PlatformState
    | orders.AccountSnapshot
)
Message: TypeAlias = (
    market.MarketMinute
    | market.FeedFault
    | market.SuppliedLevels
    | market.Trade
    | market.DepthBatch
    | market.FeedHello
    | market.FeedWelcome
    | market.FeedBatch
    | market.FeedAck
    | market.FeedCarry
    | session.SessionCarry
    | session.SessionMinute
    | strategy.Evaluated
    | risk.Decision
    | risk.OrderCommand
    | risk.Position
    | risk.LedgerMark
    | risk.StateChanged
    | risk.Alert
    | risk.RiskMinute
    | risk.LedgerCarry
    | link.ClientHello
    | link.ClientWelcome
    | link.CommandsRequest
    | link.Instruction
    | link.ReportBatch
    | link.ReportAck
    | link.LinkLost
    | link.SnapshotPage
    | link.SnapshotAck
    | orders.RouterCarry
    | control.Heartbeat
    | control.Upstreams
    | control.Halt
    | control.LoopPaused
    | control.Kill
    | control.Resume
    | control.Tighten
    | control.PreflightResult
    | control.ControlAck
    | ReportMessage
)

MinutePart: TypeAlias = market.Bar | session.SessionUpdate | risk.BarSettled
"""What travels inside a minute's message."""
Event: TypeAlias = Message | MinutePart
"""What people and exports read: minutes taken apart."""
