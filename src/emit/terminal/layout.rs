//! Widths of columns: what fits a line, what wraps, what goes to a next panel.

/// Blanks between columns.
pub(super) const GAP: usize = 2;

/// What a column asks for, in display columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Demand {
    /// Below this it cannot be read.
    pub(super) least: usize,
    /// Beyond this nothing is gained.
    pub(super) most: usize,
}

/// Columns that stand side by side, and their widths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Panel {
    pub(super) columns: Vec<(usize, usize)>,
}

/// Lays the columns out in lines of `width`. Where they do not fit side by side they go in several panels, each
/// of which begins with the first column, the stub.
pub(super) fn panels(demands: &[Demand], width: usize) -> Vec<Panel> {
    let mut panels = Vec::new();
    let mut from = 0;
    while from < demands.len() {
        let mut members: Vec<usize> = if from == 0 { vec![] } else { vec![0] };
        let mut used: usize = members.iter().map(|&column| demands[column].least + GAP).sum();
        let repeated = members.len();
        while let Some(demand) = demands.get(from) {
            // One column beyond the stub stands in every panel, however wide.
            if members.len() > repeated && used + demand.least > width {
                break;
            }
            members.push(from);
            used += demand.least + GAP;
            from += 1;
        }
        panels.push(widen(&members, demands, width));
    }
    panels
}

/// Shares out what a line has left: always to the narrowest column that asks for more.
fn widen(members: &[usize], demands: &[Demand], width: usize) -> Panel {
    let mut columns: Vec<(usize, usize)> =
        members.iter().map(|&column| (column, demands[column].least)).collect();
    let used: usize = columns.iter().map(|(_, width)| width + GAP).sum();
    for _ in used..width + GAP {
        let wanting = columns.iter_mut().filter(|(column, width)| *width < demands[*column].most);
        match wanting.min_by_key(|(_, width)| *width) {
            Some((_, width)) => *width += 1,
            None => break,
        }
    }
    Panel { columns }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(least: usize, most: usize) -> Demand {
        Demand { least, most }
    }

    #[test]
    fn what_fits_gets_what_it_asks_for() {
        let panels = panels(&[demand(4, 10), demand(5, 8)], 40);
        assert_eq!(panels, [Panel { columns: vec![(0, 10), (1, 8)] }]);
    }

    #[test]
    fn the_narrowest_grow_first() {
        let panels = panels(&[demand(4, 30), demand(4, 6), demand(12, 30)], 30);
        assert_eq!(panels[0].columns, [(0, 8), (1, 6), (2, 12)]);
    }

    #[test]
    fn what_does_not_fit_goes_to_a_panel_with_the_stub() {
        let panels = panels(&[demand(6, 9), demand(8, 8), demand(8, 8), demand(99, 99)], 26);
        let columns: Vec<Vec<usize>> =
            panels.iter().map(|panel| panel.columns.iter().map(|(column, _)| *column).collect()).collect();
        assert_eq!(columns, [vec![0, 1, 2], vec![0, 3]]);
    }
}
