from operations.models.motion import Motion

__all__ = ["Motion"]
