"""`Message`: anything a machine may take or give."""

from typing import TypeAlias

from services.domain.messages import control, market, orders, risk, session, strategy

Market: TypeAlias = (
    market.Bar
    | market.Watermark
    | market.FeedFault
    | market.SuppliedLevels
    | market.Trade
    | market.DepthBatch
)
FeedEdge: TypeAlias = (
    market.FeedHello | market.FeedWelcome | market.FeedBatch | market.FeedAck | market.FeedCarry
)
Session: TypeAlias = session.SessionCarry | session.SessionUpdate | session.MinuteClosed
Risk: TypeAlias = (
    risk.Decision
    | risk.OrderCommand
    | risk.Position
    | risk.LedgerMark
    | risk.StateChanged
    | risk.Alert
    | risk.BarSettled
    | risk.LedgerCarry
)
Reports: TypeAlias = (
    orders.CommandAck
    | orders.OrderUpdate
    | orders.Execution
    | orders.AccountValues
    | orders.LinkStatus
)
OrderEdge: TypeAlias = (
    orders.ClientHello
    | orders.ClientWelcome
    | orders.CommandsRequest
    | orders.Instruction
    | orders.ReportBatch
    | orders.ReportAck
    | orders.LinkLost
    | orders.RouterCarry
)
Control: TypeAlias = (
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
    Market | FeedEdge | Session | strategy.Evaluated | Risk | Reports | OrderEdge | Control
)
