"""The money: ledger, Stripe, funding, payouts and reports. It knows neither experts nor projects."""
