/// A bound on the steps of a search. Steps, never time: the same input spends the same on every machine.
///
/// ```
/// use retabulate::Budget;
///
/// let mut budget = Budget::new(2);
/// assert!(budget.spend(1) && budget.spend(1));
/// assert!(!budget.spend(1));
/// assert!(budget.is_spent());
/// ```
#[derive(Clone, Debug)]
pub struct Budget {
    limit: u64,
    used: u64,
}

impl Budget {
    /// A budget of `limit` steps.
    #[must_use]
    pub const fn new(limit: u64) -> Self {
        Self { limit, used: 0 }
    }

    /// Takes `steps`; `false` once the budget is spent.
    pub fn spend(&mut self, steps: u64) -> bool {
        self.used = self.used.saturating_add(steps);
        self.used <= self.limit
    }

    /// Whether more was asked for than there was.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.used > self.limit
    }

    /// Steps taken so far.
    #[must_use]
    pub const fn used(&self) -> u64 {
        self.used
    }
}
