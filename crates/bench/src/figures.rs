//! Figures of many measurements, and tables of them.

/// Measurements, in order of size.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    pub(crate) fn new(mut measured: Vec<f64>) -> Self {
        measured.sort_by(f64::total_cmp);
        Self(measured)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// What `percent` of the measurements do not exceed (nearest rank); NaN where there are none.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn median(&self) -> f64 {
        self.percentile(50)
    }

    pub(crate) fn least(&self) -> f64 {
        self.percentile(0)
    }

    pub(crate) fn most(&self) -> f64 {
        self.percentile(100)
    }
}

/// A row of a Markdown table.
pub(crate) fn row(cells: &[String]) -> String {
    format!("| {} |", cells.join(" | "))
}

/// The head of a Markdown table.
pub(crate) fn head(titles: &[&str]) -> String {
    let titles: Vec<String> = titles.iter().map(ToString::to_string).collect();
    let rule = vec!["---".to_owned(); titles.len()];
    format!("{}\n{}", row(&titles), row(&rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measurements() {
        let figures = Figures::new((1..=200).rev().map(f64::from).collect());
        let cases = [(0, 1.0), (1, 2.0), (50, 100.0), (99, 198.0), (100, 200.0)];
        for (percent, expected) in cases {
            assert!(
                (figures.percentile(percent) - expected).abs() < 1e-9,
                "{percent}"
            );
        }
        assert!(Figures::default().median().is_nan());
    }
}
