//! Parquet with its standard modular encryption: uniform, one 256-bit key for footer and columns of a file.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder, Int64Builder, ListBuilder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::encryption::encrypt::FileEncryptionProperties;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::row::Row;

/// Rows to a row group.
const GROUP_ROWS: usize = 128 << 10;
/// Rows gathered before they are encoded.
const BATCH_ROWS: usize = 8 << 10;

/// The columns. Units stand in `spec/dataset.md` and the manifest.
pub fn schema() -> SchemaRef {
    let text = |name, nullable| Field::new(name, DataType::Utf8, nullable);
    let integer = |name, nullable| Field::new(name, DataType::Int64, nullable);
    let path = DataType::List(Arc::new(Field::new_list_field(DataType::Int64, true)));
    Arc::new(Schema::new(vec![
        text("session", false),
        integer("step", false),
        text("split", false),
        integer("start_us", false),
        integer("end_us", false),
        text("action", false),
        integer("button", true),
        integer("count", true),
        integer("x", true),
        integer("y", true),
        integer("dx", true),
        integer("dy", true),
        text("key", true),
        text("modifiers", false),
        text("shapes", true),
        text("text", true),
        Field::new("path", path, true),
        text("element_role", true),
        text("element_name", true),
        integer("element_x", true),
        integer("element_y", true),
        integer("element_width", true),
        integer("element_height", true),
        text("app", true),
        Field::new("unmatched", DataType::Boolean, false),
        Field::new("chord", DataType::Boolean, false),
    ]))
}

/// Writes one participant's rows. What it hands out is ciphertext, except for the four bytes of magic at either end and
/// the length of the footer.
pub struct RowWriter {
    writer: ArrowWriter<Vec<u8>>,
    schema: SchemaRef,
    rows: Vec<Row>,
}

impl RowWriter {
    /// A file under `key`.
    ///
    /// # Errors
    /// Those of the Parquet library.
    pub fn new(key: &[u8; 32]) -> Result<Self, ParquetError> {
        let encryption = FileEncryptionProperties::builder(key.to_vec()).build()?;
        let schema = schema();
        let mut properties = WriterProperties::builder()
            .set_created_by(format!("candor-dataset {}", env!("CARGO_PKG_VERSION")))
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .with_file_encryption_properties(encryption);
        for field in schema.fields() {
            let column = match field.data_type() {
                DataType::Int64 => vec![field.name().clone()],
                DataType::List(_) => vec![field.name().clone(), "list".to_owned(), "item".to_owned()],
                _ => continue,
            };
            let column = parquet::schema::types::ColumnPath::new(column);
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
        }
        let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties.build()))?;
        Ok(Self { writer, schema, rows: Vec::new() })
    }

    /// Takes a row.
    ///
    /// # Errors
    /// Those of the Parquet library.
    pub fn push(&mut self, row: Row) -> Result<(), ParquetError> {
        self.rows.push(row);
        if self.rows.len() < BATCH_ROWS { Ok(()) } else { self.write_batch() }
    }

    fn write_batch(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.rows);
        self.writer.write(&batch(&self.schema, &rows)?)
    }

    /// The ciphertext made since the last call.
    pub fn take_sealed(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.inner_mut())
    }

    /// Writes what is left and the footer; returns the rest of the ciphertext.
    ///
    /// # Errors
    /// Those of the Parquet library.
    pub fn finish(mut self) -> Result<Vec<u8>, ParquetError> {
        self.write_batch()?;
        self.writer.into_inner()
    }
}

fn batch(schema: &SchemaRef, rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let text = |of: &dyn Fn(&Row) -> Option<&str>| -> ArrayRef {
        let mut column = StringBuilder::new();
        rows.iter().for_each(|row| column.append_option(of(row)));
        Arc::new(column.finish())
    };
    let integer = |of: &dyn Fn(&Row) -> Option<i64>| -> ArrayRef {
        let mut column = Int64Builder::with_capacity(rows.len());
        rows.iter().for_each(|row| column.append_option(of(row)));
        Arc::new(column.finish())
    };
    let flag = |of: &dyn Fn(&Row) -> bool| -> ArrayRef {
        let mut column = BooleanBuilder::with_capacity(rows.len());
        rows.iter().for_each(|row| column.append_value(of(row)));
        Arc::new(column.finish())
    };
    let mut path = ListBuilder::new(Int64Builder::new());
    for row in rows {
        path.append_option(row.path.as_ref().map(|path| path.iter().copied().map(Some)));
    }
    RecordBatch::try_new(
        Arc::clone(schema),
        vec![
            text(&|row| Some(&row.session)),
            integer(&|row| Some(row.step)),
            text(&|row| Some(&row.split)),
            integer(&|row| Some(row.start_us)),
            integer(&|row| Some(row.end_us)),
            text(&|row| Some(&row.action)),
            integer(&|row| row.button),
            integer(&|row| row.count),
            integer(&|row| row.x),
            integer(&|row| row.y),
            integer(&|row| row.dx),
            integer(&|row| row.dy),
            text(&|row| row.key.as_deref()),
            text(&|row| Some(&row.modifiers)),
            text(&|row| row.shapes.as_deref()),
            text(&|row| row.text.as_deref()),
            Arc::new(path.finish()),
            text(&|row| row.element_role.as_deref()),
            text(&|row| row.element_name.as_deref()),
            integer(&|row| row.element_x),
            integer(&|row| row.element_y),
            integer(&|row| row.element_width),
            integer(&|row| row.element_height),
            text(&|row| row.app.as_deref()),
            flag(&|row| row.unmatched),
            flag(&|row| row.chord),
        ],
    )
}
