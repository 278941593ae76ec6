//! Forms as others write them: read, shown, filled in, answered, updated.

#[cfg(test)]
mod answering;
#[cfg(test)]
mod common;
#[cfg(test)]
mod drafting;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod specification;
