//! The slow aligner: every reading of a small problem, one by one. The dynamic programs must agree with it.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::layout::{GridColumn, Layout, OutColumn};
use super::run::Run;
use super::segment::{PieceFit, amount_in_words, amounts_among_words, cut_pieces, fit_piece, skip_bits};
use super::shift::{displacement_bits, fit_of, offset, place_runs};
use crate::column::model::ColumnModel;
use crate::schema::FieldKind;
use crate::text::Span;
use crate::text::value::scan_values;

/// The least cost of cutting `segments` into the columns of `models`, by trying every cut.
fn cheapest_cut(
    run: &str,
    models: &[&ColumnModel],
    segments: &[Span],
    longest: usize,
    at: (usize, usize),
) -> f32 {
    let (column, start) = at;
    let Some(model) = models.get(column) else {
        return if start == segments.len() { 0.0 } else { f32::INFINITY };
    };
    let amounts = amounts_among_words(run, models, segments);
    let mut least = skip_bits(model) + cheapest_cut(run, models, segments, longest, (column + 1, start));
    for end in start + 1..=segments.len() {
        if model.kind != FieldKind::String && end - start > longest {
            break;
        }
        let piece = Span::new(segments[start].start, segments[end - 1].end);
        let mut bits = fit_piece(piece.slice(run), model, false).1.bits;
        if model.kind == FieldKind::String && !amounts.is_empty() {
            bits += amount_in_words(&amounts, models, column, start, end);
        }
        least = least.min(bits + cheapest_cut(run, models, segments, longest, (column + 1, end)));
    }
    least
}

/// The least cost of placing runs over columns, order kept, by trying every placement.
fn cheapest_placement(runs: &[(usize, Run<'_>)], width: usize, layout: &Layout, displaced: f32) -> f32 {
    let mut least = f32::INFINITY;
    let subsets = (0..1usize << width).filter(|set| set.count_ones() as usize == runs.len());
    for set in subsets {
        let columns: Vec<usize> = (0..width).filter(|column| set >> column & 1 == 1).collect();
        let mut bits = 0.0;
        let mut before = 0;
        for (column, (from, run)) in columns.iter().zip(runs) {
            let shift = offset(*column, *from);
            bits += fit_of(run, *column, layout) + displacement_bits(before, shift, displaced);
            before = shift;
        }
        least = least.min(bits);
    }
    least
}

fn model() -> impl Strategy<Value = ColumnModel> {
    prop_oneof![
        Just(ColumnModel::of_kind(FieldKind::String, false)),
        Just(ColumnModel::of_kind(FieldKind::Integer, false)),
        Just(ColumnModel::of_kind(FieldKind::Number, false)),
        Just(ColumnModel::of_kind(FieldKind::Number, true)),
        Just(ColumnModel::of_kind(FieldKind::Date, false)),
    ]
}

fn printed() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[A-Z][a-z]{2,5}",
        "[1-9][0-9]{0,2}(,[0-9]{3})?(\\.[0-9]{2})?",
        "[0-9]{1,2}\\.[0-9]%",
        "0",
        "-"
    ];
    prop::collection::vec(word, 1..6).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn typed_segmentation_finds_the_cheapest_cut(run in printed(), models in prop::collection::vec(model(), 1..4)) {
        let segments: Vec<Span> = scan_values(&run).iter().map(|segment| segment.span).collect();
        let models: Vec<&ColumnModel> = models.iter().collect();
        let bracketed = vec![false; models.len()];
        let slow = cheapest_cut(&run, &models, &segments, 4, (0, 0));
        let measure = |piece: Span, column: usize| PieceFit::of(&run, piece, models[column], false);
        match cut_pieces(&run, &models, &bracketed, &segments, 4, 2, &measure).first() {
            Some(fast) => {
                prop_assert!((fast.bits - slow).abs() < 1e-3, "fast {} slow {slow}", fast.bits);
                prop_assert!(fast.margin >= 0.0);
            }
            None => prop_assert!(slow.is_infinite()),
        }
    }

    #[test]
    fn shifted_rows_are_placed_at_the_least_cost(
        models in prop::collection::vec(model(), 3..6),
        texts in prop::collection::vec(prop::option::of(printed()), 3..6),
    ) {
        let width = models.len();
        let outs = models.into_iter().enumerate();
        let outs = outs.map(|(column, model)| OutColumn { grid_column: Some(column), model, ..OutColumn::default() });
        let grid = (0..width).map(|column| GridColumn { outs: column..column + 1, bracketed: vec![false] });
        let layout = Layout { outs: outs.collect(), grid: grid.collect(), ..Layout::default() };
        let texts: Vec<Option<String>> = texts.into_iter().chain(std::iter::repeat(None)).take(width).collect();
        let runs: Vec<(usize, Run<'_>)> = texts
            .iter()
            .enumerate()
            .filter_map(|(column, text)| text.as_ref().map(|text| (column, Run::single(text, Span::new(0, text.len())))))
            .collect();
        prop_assume!(!runs.is_empty());
        let fit = |index: usize, column: usize| fit_of(&runs[index].1, column, &layout);
        let fast = place_runs(&runs, width, &layout, 7.0, &fit).first().map_or(f32::INFINITY, |(bits, _)| *bits);
        let slow = cheapest_placement(&runs, width, &layout, 7.0);
        prop_assert!((fast - slow).abs() < 1e-3, "fast {fast} slow {slow}");
    }

    #[test]
    fn known_labels_are_cut_wherever_a_cut_exists(pieces in prop::collection::vec(0usize..5, 1..5)) {
        const LABELS: [&str; 5] = ["cash", "cash at bank", "at bank", "other", "other cash"];
        let text = pieces.iter().map(|piece| LABELS[*piece]).collect::<Vec<_>>().join(" ");
        let labels: BTreeSet<String> = LABELS.iter().map(|label| (*label).to_owned()).collect();
        let model = ColumnModel::of_kind(FieldKind::String, false);
        let found = super::phrase::known_pieces(&text, &super::cut::words_of(&text), &labels, &model);
        if let Some(found) = &found {
            prop_assert!(found.iter().all(|piece| labels.contains(piece.slice(&text))));
            prop_assert!(found.len() <= pieces.len());
        }
        // A text that is one label needs no cut; any other that was made of labels has one.
        prop_assert!(found.is_some() || labels.contains(&text));
    }
}
