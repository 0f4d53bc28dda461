"""The demo: believable people, and a history that went through the real verbs and the local Stripe."""
