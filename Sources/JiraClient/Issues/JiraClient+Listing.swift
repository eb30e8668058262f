import FastJSON
public import IssueDecoding
public import IssueModel

extension JiraClient {
    /// Lists the ids of the issues that `query` finds: up to 5,000 a page on Cloud, what the instance allows elsewhere.
    ///
    /// Cloud: `POST /search/jql` by page tokens. Data Center: `POST /search` by time. A first page with nothing in it
    /// is believed only after Jira has confirmed that it knows who asks.
    ///
    /// - Throws: `badQuery`, `projectMissing`, `pagingLoop` and what any call throws.
    public func issueIDs(_ query: IssueQuery, after cursor: IssueCursor?) async throws(JiraError) -> IssueIDPage {
        let page = try await searchPage(query, cursor, fields: [query.order.field.rawValue], expand: [], size: 5_000) {
            Entry(id: $0.id, content: ())
        }
        if page.entries.isEmpty, cursor == nil { try await confirmCredential() }
        return IssueIDPage(ids: page.entries.map(\.id), next: page.next)
    }

    /// The ids of all issues that `query` finds, in ascending order and each once.
    ///
    /// - Throws: `incompleteListing` where there are more than `limit`; what ``issueIDs(_:after:)`` throws.
    public func allIssueIDs(_ query: IssueQuery, limit: Int = 5_000_000) async throws(JiraError) -> [IssueID] {
        var ids: [IssueID] = []
        var cursor: IssueCursor?
        repeat {
            let page = try await issueIDs(query, after: cursor)
            ids += page.ids
            guard ids.count <= limit else { throw JiraError(.incompleteListing, endpoint: "issue ids") }
            cursor = page.next
        } while cursor != nil
        ids.sort()
        var last: IssueID?
        ids.removeAll { id in
            defer { last = id }
            return id == last
        }
        return ids
    }

    /// Lists whole issues, complete with all comments and worklogs; on Data Center with their history too.
    public func issues(
        _ query: IssueQuery, after cursor: IssueCursor?, decoder: IssueDecoder
    ) async throws(JiraError) -> IssuePage {
        let expand = flavour == .dataCenter ? ["changelog"] : []
        let page = try await searchPage(query, cursor, fields: ["*all"], expand: expand, size: options.issuesPerRequest)
        {
            Entry(id: $0.id, content: decoder.entry($0.view))
        }
        if page.entries.isEmpty, cursor == nil { try await confirmCredential() }
        return IssuePage(batch: try await complete(page.entries.map(\.content), decoder), next: page.next)
    }

    /// About how many issues `query` finds.
    ///
    /// Cloud: `POST /search/approximate-count`. Data Center: the exact `total` of an empty page.
    public func issueCount(_ query: IssueQuery) async throws(JiraError) -> Int {
        var clauses: [String] = []
        if let since = query.since {
            clauses = ["\(query.order.field.rawValue) >= \(zone.literal(atOrBefore: since))"]
        }
        var jql = query.text(clauses)
        var body = JSONWriter()
        switch flavour {
        case .cloud:
            jql = JQL.restriction(of: jql)
            body.object { $0.member("jql", jql) }
            let call = Call(.post, "/search/approximate-count", body: body.bytes)
            return try await fetch(call) { try $0.required("count", \.integer) }.clamped
        case .dataCenter:
            body.object {
                $0.member("jql", jql)
                $0.member("maxResults", 0)
                $0.strings("fields", ["id"])
            }
            return try await fetch(Call(.post, "/search", body: body.bytes)) { try $0.required("total", \.integer) }
                .clamped
        }
    }

    var zone: JQLZone { JQLZone(identity.timeZone) }

    /// An issue of a page while the page is read.
    private struct Found {
        var id: IssueID
        var view: JSONView
    }

    private struct Entry<Content> {
        var id: IssueID
        var content: Content
    }

    private struct SearchPage<Content> {
        var entries: [Entry<Content>]
        var next: IssueCursor?
    }

    private func searchPage<Content>(
        _ query: IssueQuery, _ cursor: IssueCursor?, fields: [String], expand: [String], size: Int,
        _ decode: (Found) -> Entry<Content>
    ) async throws(JiraError) -> SearchPage<Content> {
        switch (flavour, cursor?.position) {
        case (.cloud, nil):
            return try await tokenPage(query, nil, fields, size, decode)
        case (.cloud, .token(let position)?):
            return try await tokenPage(query, position, fields, size, decode)
        case (.dataCenter, nil):
            return try await keysetPage(query, nil, fields, expand, size, decode)
        case (.dataCenter, .keyset(let position)?):
            return try await keysetPage(query, position, fields, expand, size, decode)
        case (.cloud, .keyset?), (.dataCenter, .token?):
            throw JiraError(.unsupported, messages: ["The cursor belongs to the other kind of site."])
        }
    }

    private func tokenPage<Content>(
        _ query: IssueQuery, _ position: TokenPosition?, _ fields: [String], _ size: Int,
        _ decode: (Found) -> Entry<Content>
    ) async throws(JiraError) -> SearchPage<Content> {
        let since = query.since.map { "\(query.order.field.rawValue) >= \(zone.literal(atOrBefore: $0))" }
        var body = JSONWriter()
        body.object {
            $0.member("jql", query.text(since.map { [$0] } ?? []))
            // With ids alone Jira gives its largest pages.
            $0.strings("fields", fields == ["*all"] ? fields : ["id"])
            $0.member("maxResults", size)
            if let position { $0.member("nextPageToken", position.token) }
        }
        let call = Call(.post, "/search/jql", body: body.bytes)
        let (entries, token, isLast) = try await fetch(call) { root in
            let issues = try root.requiredArray("issues")
            let entries = issues.elements.compactMap { view in
                view["id"]?.issueID.map { decode(Found(id: $0, view: view)) }
            }
            return (entries, root["nextPageToken"]?.string, root["isLast"]?.bool)
        }
        let next = try TokenPosition.following(
            position, next: token, isLast: isLast, count: entries.count, call.endpoint(flavour))
        return SearchPage(entries: entries, next: next.map { IssueCursor(.token($0)) })
    }

    private func keysetPage<Content>(
        _ query: IssueQuery, _ position: KeysetPosition?, _ fields: [String], _ expand: [String], _ size: Int,
        _ decode: (Found) -> Entry<Content>
    ) async throws(JiraError) -> SearchPage<Content> {
        let field = query.order.field
        var clauses = query.since.map { ["\(field.rawValue) >= \(zone.literal(atOrBefore: $0))"] } ?? []
        if let position {
            if position.isAscending { clauses = [] }
            clauses.append(position.clause(field, zone))
        }
        var body = JSONWriter()
        body.object {
            $0.member("jql", query.text(clauses))
            $0.strings("fields", fields)
            $0.member("startAt", position?.startAt ?? 0)
            $0.member("maxResults", min(size, 1_000))
            if !expand.isEmpty { $0.strings("expand", expand) }
        }
        let call = Call(.post, "/search", body: body.bytes)
        let (step, entries) = try await fetch(call) { root in
            let issues = Array(try root.requiredArray("issues").elements)
            let total = try root.required("total", \.integer).clamped
            let rows = try issues.map { view in
                try KeysetPosition.Row(
                    id: view.required("id", \.issueID),
                    time: view.required("fields", { $0.member(named: field.rawValue)?.timestampIfAny }))
            }
            let step =
                position?.following(rows, total: total)
                ?? KeysetPosition.following(firstPage: rows, total: total, isAscending: query.order.isAscending)
            let entries = zip(rows, issues).enumerated().compactMap { index, pair in
                step.fresh[index] ? decode(Found(id: pair.0.id, view: pair.1)) : nil
            }
            return (step, entries)
        }
        return SearchPage(entries: entries, next: step.next.map { IssueCursor(.keyset($0)) })
    }

    /// An empty listing may mean that Jira took us for nobody: asks who we are before believing it.
    func confirmCredential() async throws(JiraError) {
        guard !credential.isAnonymous else { return }
        _ = try await myself()
    }
}

extension Int64 {
    var clamped: Int { Int(clamping: self) }
}
