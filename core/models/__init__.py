from core.models.audit import AuditLine
from core.models.idempotency import IdempotencyRecord
from core.models.outbox import OutboxMessage

__all__ = ["AuditLine", "IdempotencyRecord", "OutboxMessage"]
