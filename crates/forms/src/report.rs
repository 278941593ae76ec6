//! Reports: results of many items, as a table (XEP-0004, section 3.4).

use std::collections::{HashMap, HashSet};

use crate::limits::MAX_FIELDS;
use crate::{Field, Form};

impl Form {
    /// Whether it has a table.
    pub fn has_report(&self) -> bool {
        !self.reported.is_empty() || !self.items.is_empty()
    }

    /// The rows of the table, each with one cell for each column of [`Form::reported`], whatever
    /// the order in which they came. `None` where a row lacks the cell.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Option<&Field>>> {
        self.items.iter().map(|item| {
            let cells: HashMap<_, _> = item
                .iter()
                .map(|cell| (cell.var.as_deref(), cell))
                .collect();
            self.reported
                .iter()
                .map(|column| cells.get(&column.var.as_deref()).copied())
                .collect()
        })
    }

    /// The columns that a table without header would have: all names of its rows, in the order
    /// in which they first occur.
    pub(crate) fn implied_columns(&self) -> Vec<Field> {
        let mut seen = HashSet::new();
        let vars = self
            .items
            .iter()
            .flatten()
            .filter_map(|cell| cell.var.as_deref());
        vars.filter(|var| seen.insert(*var))
            .take(MAX_FIELDS)
            .map(|var| Field {
                var: Some(var.to_owned()),
                ..Field::default()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Field, Form};

    fn table(xml: &str) -> Vec<Vec<Option<String>>> {
        let (form, _) = Form::read(&xml.parse().unwrap()).unwrap();
        form.rows()
            .map(|row| {
                row.into_iter()
                    .map(|cell| cell.map(Field::as_text))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn cells_find_their_columns() {
        let some = |text: &str| Some(text.to_owned());
        let header = "<reported><field var='a'/><field var='b'/></reported>";
        let items = "<item><field var='b'><value>2</value></field>
                <field var='a'><value>1</value></field></item>
            <item><field var='c'><value>9</value></field>
                <field var='b'><value>x</value><value>y</value></field></item>";
        let full = vec![vec![some("1"), some("2")], vec![None, some("x\ny")]];
        let x = |inside: String| format!("<x xmlns='jabber:x:data' type='result'>{inside}</x>");
        assert_eq!(table(&x(format!("{header}{items}"))), full);
        assert_eq!(
            table(&x(format!("{items}{header}"))),
            full,
            "the header may come last"
        );
        let implied = vec![
            vec![some("2"), some("1"), None],
            vec![some("x\ny"), None, some("9")],
        ];
        assert_eq!(table(&x(items.to_owned())), implied, "or not at all");
    }
}
