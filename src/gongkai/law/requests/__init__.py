"""Disclosure on request (依申请公开): what the law says about results, letters, remedies and the clock of a request."""
