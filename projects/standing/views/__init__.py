"""Pages: certificates for holders, staff and visitors; referrals."""
