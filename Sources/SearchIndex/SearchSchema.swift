internal import CSQLite
internal import CSearchTokenizer
public import Database

/// The search index: words, passages and the columns that filters and facets read.
public enum SearchIndex {
    /// Every step of the search tables, oldest first.
    public static let migrations: [Migration] = [
        Migration("search", 1, "words, passages and columns of issues", sql: step001)
    ]

    /// Makes the tokenizer and the functions of search known to a connection. Give it to `Database.Options.onOpen`.
    public static func register(on connection: Connection) throws(DatabaseError) {
        let result = search_register(connection.handle)
        guard result == SQLITE_OK else {
            throw DatabaseError(
                .statement, "The SQLite library lacks full-text search (FTS5), which Drawbridge needs",
                extendedCode: result)
        }
    }

    /// A document is the text of one issue for one audience. The document that everybody who sees the issue may read has
    /// the id; those of restricted comments, worklogs and attachments have ids from here up.
    static let firstRestrictedDocument: Int64 = 1 << 32

    private static let step001 = """
        CREATE VIRTUAL TABLE search_word USING fts5(
            summary, body, notes, content='', columnsize=0, tokenize='drawbridge');
        INSERT INTO search_word (search_word, rank) VALUES ('hashsize', 16777216), ('automerge', 8);
        CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_word, row);

        CREATE TABLE search_issue (issue_id INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
        CREATE TABLE search_text (issue_id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
        CREATE TABLE search_restricted (
            document INTEGER PRIMARY KEY, issue_id INTEGER NOT NULL, restriction INTEGER NOT NULL,
            acl_id INTEGER NOT NULL, kinds INTEGER NOT NULL, body_length INTEGER NOT NULL,
            notes_length INTEGER NOT NULL) STRICT;
        CREATE INDEX search_restricted_issue ON search_restricted (issue_id);
        CREATE TABLE search_change (version INTEGER PRIMARY KEY, issue_id INTEGER NOT NULL) STRICT;
        """
}
