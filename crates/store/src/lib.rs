//! The only place with SQL: SQLite now, PostgreSQL later
