internal import Database
internal import IssueModel
internal import SearchIndex
internal import Store
internal import WebFrame

/// Puts a query together that the search takes.
///
/// Coco never refuses a filter: a label that no document has matches nothing. Here the search says which value it does not
/// know, without telling whether others have it; that condition is then written as one that never holds. What a person
/// typed is read as Drawbridge's language first, and where it is none, as words.
struct FittingQuery {
    let query: DocumentQuery
    let dataSources: [DataSource]
    let names: DocumentNames
    let connection: Connection

    /// The query as `attempt` takes it, and what that gives.
    ///
    /// - Parameter attempt: Throws what is wrong with a query.
    func first(_ attempt: (String) throws -> SearchResults) throws -> (text: String, results: SearchResults) {
        var writer = QueryWriter(dataSources: dataSources, resolve: resolve)
        var takesLanguage = true
        for _ in 0...(Clause.limit + 1) {
            writer.reset()
            if !query.order.isEmpty { writer.append(query.order) }
            if query.clause != .everything, query.clause != .all([]) { try writer.write(query.clause) }
            if query.wantsAttachments { writer.append("has:attachment") }
            // Last, so that a quote that is never closed swallows nothing else.
            let words = takesLanguage ? Self.grouped(query.words) : Self.literal(query.words)
            if !words.isEmpty { writer.append(words) }
            do {
                return (writer.text, try attempt(writer.text))
            } catch let error as SearchError {
                if let place = error.range.flatMap({ range in
                    writer.places.firstIndex { $0.contains(range.lowerBound) }
                }) {
                    guard error.code == .unknownValue, writer.dead.insert(place).inserted else { throw error }
                } else {
                    guard takesLanguage, error.code != .queryTooLong else { throw error }
                    takesLanguage = false
                }
            }
        }
        throw Problem.invalid("The filters could not be understood.")
    }

    /// Alternatives must not reach past the filters beside them.
    private static func grouped(_ words: String) -> String {
        let words = words.drop { $0.isWhitespace }
        return words.contains("|") || words.contains(" OR ") ? "(\(words))" : String(words)
    }

    /// Every word for itself, whatever signs are in it.
    private static func literal(_ words: String) -> String {
        words.split { $0.isWhitespace }.map { word in
            QueryWriter.quoted(String(word.filter { $0 != "\"" }))
        }.joined(separator: " ")
    }

    /// The issue that a document id stands for, by its key.
    private func resolve(_ text: String) throws -> Clause {
        guard let id = DocumentID(text),
            let (dataSource, meaning) = try names.meaning(of: id, among: dataSources, in: connection),
            let row = try IssueRecords.row(meaning.issue, in: connection)
        else { return .nothing }
        return .all([
            .term(field: "metadata.issue_key", value: row.key), .term(field: "source.id", value: dataSource.id),
        ])
    }
}
