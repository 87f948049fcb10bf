//! A progress bar, only for work that takes a while, only on a terminal.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Work below this many files and this much time needs no bar.
const FEW: u64 = 8;
const SHORT: Duration = Duration::from_secs(1);

pub(crate) struct Progress {
    wanted: bool,
    started: Instant,
    total: Option<u64>,
    done: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// For `total` files, if that is known; hidden unless `wanted` and standard error is a terminal.
    pub(crate) fn new(wanted: bool, total: Option<u64>) -> Self {
        let wanted = wanted && io::stderr().is_terminal();
        Self { wanted, started: Instant::now(), total, done: 0, bar: None }
    }

    /// One more file is done.
    pub(crate) fn advance(&mut self) {
        self.done += 1;
        if !self.wanted || (self.done < FEW && self.started.elapsed() < SHORT) {
            return;
        }
        let total = self.total;
        let bar = self.bar.get_or_insert_with(|| match total {
            Some(total) => {
                ProgressBar::new(total).with_style(style("{bar:30} {pos}/{len} files  {per_sec}  {eta} left"))
            }
            None => ProgressBar::new_spinner().with_style(style("{spinner} {pos} files  {per_sec}")),
        });
        bar.set_position(self.done);
    }

    /// Writes a message above the bar.
    pub(crate) fn complain(&self, message: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| super::complain(message)),
            None => super::complain(message),
        }
    }

    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
