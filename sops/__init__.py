"""What a standard procedure is: documents, versions, differences, checklists. A library of its own, with no framework."""
