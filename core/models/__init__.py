from core.models.audit import AuditLine
from core.models.idempotency import IdempotencyRecord
from core.models.outbox import OutboxMessage
from core.models.series import NumberSeries

__all__ = ["AuditLine", "IdempotencyRecord", "NumberSeries", "OutboxMessage"]
