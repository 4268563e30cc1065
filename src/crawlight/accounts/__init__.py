"""Who may do what, and how often: people, plans, API keys, quotas, rates, and the scope of each account."""
