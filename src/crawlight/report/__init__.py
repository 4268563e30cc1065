"""The report on paper: what the dashboard shows of a period, as a PDF for people who get it handed."""
