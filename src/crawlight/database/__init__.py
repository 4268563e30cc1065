"""The relational store of accounts, domains and pages: tables, connection, migrations."""
