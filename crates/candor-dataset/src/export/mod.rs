//! Formats that others read.

pub mod agentnet;
pub mod parquet;
