"""The one composition: settings become open stores, what works on them, and the work that is done again and again."""
