//! Writers: each a function of a document and a sink of bytes.
