"""政务公开专区: marked places in service halls, libraries and villages where people look up, ask, apply and speak up."""
