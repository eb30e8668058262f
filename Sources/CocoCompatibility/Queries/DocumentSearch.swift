internal import AccessControl
internal import Database
internal import FastJSON
internal import IssueModel
internal import Reading
internal import SearchIndex
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer

/// Answers searches for documents, inside what the caller may see: matches, totals and highlights.
struct DocumentSearch: Sendable {
    private let reading: DocumentReader
    var query: DocumentQuery
    private let listsWithoutQuery: Bool

    /// - Parameter listsWithoutQuery: Whether asking nothing lists everything, or nothing.
    init(_ call: Call, listsWithoutQuery: Bool) throws(Problem) {
        reading = DocumentReader(call)
        query = try DocumentQuery(call)
        self.listsWithoutQuery = listsWithoutQuery
    }

    func answer() async throws -> WebResponse {
        let clock = ContinuousClock()
        let start = clock.now
        let found = try await page()
        return Reply.hits(
            found.hits, total: found.total, isExact: found.isExact, took: Int((clock.now - start) / .milliseconds(1)))
    }

    struct Page: Sendable {
        var hits: [Hit] = []
        var total = 0
        var isExact = true
    }

    /// The asked page of documents.
    func page() async throws -> Page {
        guard !query.isEmpty || listsWithoutQuery else { return Page() }
        return try await reading.services.store.read { connection in
            let snapshot = try DocumentReader.Snapshot(reading, in: connection)
            let chosen = snapshot.dataSources.filter { dataSource in
                (query.dataSources?.contains(dataSource.id) ?? true)
                    && (!query.wantsAttachments || dataSource.indexesAttachments)
            }
            guard !chosen.isEmpty else { return Page() }
            let run = Run(
                search: self, snapshot: snapshot, dataSources: chosen,
                allowed: try snapshot.allowed(in: Set(chosen.map(\.source.id))))
            return try query.wantsAttachments ? run.attachments() : run.issues()
        }
    }

    /// One search in its transaction.
    private struct Run {
        let search: DocumentSearch
        let snapshot: DocumentReader.Snapshot
        let dataSources: [DataSource]
        let allowed: AllowedSet

        private var query: DocumentQuery { search.query }
        private var services: CocoServices { search.reading.services }

        func issues() throws -> Page {
            var page = Page()
            let end = query.from + query.size
            let (total, hits) = try find(upTo: max(end, 1), snippetsFrom: query.from)
            page.total = total
            var views = IssueViews(store: services.store)
            for hit in hits.dropFirst(query.from).prefix(query.size) {
                guard let document = try document(of: hit, &views) else { continue }
                let id = document["id"]?.string ?? ""
                page.hits.append(
                    Hit(
                        id: id, index: "coco_document", score: hit.score, record: query.fields.applied(to: document),
                        highlight: Highlight.of(hit.passage)))
            }
            return page
        }

        private func document(of hit: SearchHit, _ views: inout IssueViews) throws -> JSONValue? {
            guard let view = try views.view(of: hit.issue, allowed: allowed, in: snapshot.connection),
                let dataSource = dataSources.first(where: { $0.source.name == view.source })
            else { return nil }
            return try CocoDocument(dataSource: dataSource, view: view, baseURL: search.reading.baseURL)
                .issueDocument(withPayload: false)
        }

        /// Every attachment of the issues that match, those of one issue side by side.
        func attachments() throws -> Page {
            var page = Page()
            let (total, hits) = try find(upTo: DocumentQuery.window, snippetsFrom: .max)
            page.isExact = total <= hits.count
            var views = IssueViews(store: services.store)
            for hit in hits {
                let files = try snapshot.connection.rows(
                    "SELECT jira_id, acl_id FROM attachment WHERE issue_id = ? ORDER BY jira_id", hit.issue
                ) { (id: EntityID($0.text(0)), acl: $0.int64(1)) }.filter { allowed.contains($0.acl) }
                let first = page.total
                page.total += files.count
                guard first < query.from + query.size, page.total > query.from, !files.isEmpty else { continue }
                guard let view = try views.view(of: hit.issue, allowed: allowed, in: snapshot.connection),
                    let dataSource = dataSources.first(where: { $0.source.name == view.source })
                else { continue }
                let document = CocoDocument(dataSource: dataSource, view: view, baseURL: search.reading.baseURL)
                for (place, file) in files.enumerated()
                where (query.from..<query.from + query.size).contains(first + place) {
                    guard let record = try document.attachmentDocument(file.id, withPayload: false) else { continue }
                    page.hits.append(
                        Hit(
                            id: record["id"]?.string ?? "", index: "coco_document", score: hit.score,
                            record: query.fields.applied(to: record)))
                }
            }
            return page
        }

        /// The first hits, and how many there are in all.
        private func find(upTo count: Int, snippetsFrom: Int) throws -> (total: Int, hits: [SearchHit]) {
            func page(_ text: String, after held: Int, _ cursor: String?) throws -> SearchResults {
                let limit = min(Searcher.pageLimit, count - held)
                return try request(text, limit: limit, cursor: cursor, wantsSnippets: held + limit > snippetsFrom)
            }
            let (text, first) = try FittingQuery(
                query: query, dataSources: dataSources, names: services.names, connection: snapshot.connection
            ).first { try page($0, after: 0, nil) }
            var hits = first.hits
            var cursor = first.cursor
            while let next = cursor, hits.count < count {
                let results = try page(text, after: hits.count, next)
                hits += results.hits
                cursor = results.hits.isEmpty ? nil : results.cursor
            }
            return (first.total, hits)
        }

        private func request(
            _ text: String, limit: Int, cursor: String?, wantsSnippets: Bool
        ) throws -> SearchResults {
            try services.searcher.search(
                SearchRequest(
                    text, limit: limit, cursor: cursor, wantsFacets: false, wantsSnippets: wantsSnippets,
                    me: SearchRequest.accounts(of: snapshot.reader), now: services.store.now),
                allowed: allowed, in: snapshot.connection)
        }
    }
}
