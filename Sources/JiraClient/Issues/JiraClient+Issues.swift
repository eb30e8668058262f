import FastJSON
public import IssueDecoding
public import IssueModel

extension JiraClient {
    /// Reads whole issues by id, complete with all comments and worklogs; on Data Center with their history too.
    ///
    /// Any number of ids; Jira is asked for 100 at a time, several requests at once. Cloud: `POST /issue/bulkfetch`.
    /// Data Center: `POST /search` for the ids. A page too large or garbled is asked for again in halves, so that one
    /// bad issue costs nobody but itself.
    public func issues(ids: [IssueID], decoder: IssueDecoder) async throws(JiraError) -> IssueBatch {
        let size = max(1, min(options.issuesPerRequest, 100))
        guard ids.count > size else { return try await someIssues(ids, decoder) }
        let chunks = stride(from: 0, to: ids.count, by: size).map { Array(ids[$0..<min($0 + size, ids.count)]) }
        return try await concurrently(chunks) { (chunk) async throws(JiraError) in
            try await self.someIssues(chunk, decoder)
        }.reduce(into: IssueBatch()) { $0.append($1) }
    }

    private func someIssues(_ ids: [IssueID], _ decoder: IssueDecoder) async throws(JiraError) -> IssueBatch {
        guard !ids.isEmpty else { return IssueBatch() }
        let answer: (entries: [IssueDecoder.Entry], refused: [IssueID])
        do throws(JiraError) {
            answer = try await issueObjects(ids, decoder)
        } catch {
            guard error.code == .tooLarge || error.code == .undecodable else { throw error }
            return try await halves(of: ids, decoder, error)
        }
        var batch = try await complete(answer.entries, decoder)
        if !answer.refused.isEmpty {
            // Documented are only issues that are too much for one answer, or failed in passing: with fewer companions they
            // may come. Some sites name those too that do not exist or are hidden from the account.
            let visible = await stillVisible(answer.refused)
            batch.missing += answer.refused.filter { !visible.contains($0) }
            let refused = answer.refused.filter(visible.contains)
            let refusal = JiraError(.serverError, endpoint: "issueErrors")
            batch.append(
                refused.count < ids.count
                    ? try await someIssues(refused, decoder) : try await halves(of: refused, decoder, refusal))
        }
        let returned = Set(batch.issues.map(\.issue.id) + batch.quarantined.compactMap(\.id) + batch.missing)
        let missing = ids.filter { !returned.contains($0) }
        // An instance may cap the page below what was asked for; what it left out is asked for again.
        guard flavour == .dataCenter, !missing.isEmpty, missing.count < ids.count else {
            batch.missing += missing
            return batch
        }
        batch.append(try await someIssues(missing, decoder))
        return batch
    }

    /// Those that Jira shows the account; all where it does not say.
    private func stillVisible(_ ids: [IssueID]) async -> Set<IssueID> {
        do throws(JiraError) {
            return try await visibleIssues(ids)
        } catch {
            return Set(ids)
        }
    }

    private func halves(
        of ids: [IssueID], _ decoder: IssueDecoder, _ error: JiraError
    ) async throws(JiraError) -> IssueBatch {
        guard ids.count > 1 else {
            var batch = IssueBatch()
            batch.quarantined = [
                QuarantinedIssue(id: ids[0], reason: error.code.rawValue, detail: error.endpoint, raw: [])
            ]
            return batch
        }
        var batch = try await someIssues(Array(ids[..<(ids.count / 2)]), decoder)
        batch.append(try await someIssues(Array(ids[(ids.count / 2)...]), decoder))
        return batch
    }

    private func issueObjects(
        _ ids: [IssueID], _ decoder: IssueDecoder
    ) async throws(JiraError) -> (entries: [IssueDecoder.Entry], refused: [IssueID]) {
        var body = JSONWriter()
        let call: Call
        switch flavour {
        case .cloud:
            body.object {
                $0.strings("issueIdsOrKeys", ids.map(\.description))
                $0.strings("fields", ["*all"])
            }
            call = Call(.post, "/issue/bulkfetch", body: body.bytes)
        case .dataCenter:
            body.object {
                $0.member("jql", "id in (\(ids.map(\.description).joined(separator: ",")))")
                $0.strings("fields", ["*all"])
                $0.strings("expand", ["changelog"])
                $0.member("maxResults", ids.count)
                // An id that is gone must not fail the others.
                $0.member("validateQuery", false)
            }
            call = Call(.post, "/search", body: body.bytes)
        }
        return try await fetch(call) { root in
            let refused = root["issueErrors"]?.elements.compactMap { $0["id"]?.issueID } ?? []
            return (try root.requiredArray("issues").elements.map { decoder.entry($0) }, refused)
        }
    }

    /// Fetches what the page left out of long lists.
    func complete(_ entries: [IssueDecoder.Entry], _ decoder: IssueDecoder) async throws(JiraError) -> IssueBatch {
        var batch = IssueBatch()
        var unfinished: [IssueDecoder.Entry] = []
        for entry in entries {
            switch entry.result {
            case .success(let fetched):
                if entry.truncated.isDisjoint(with: [.comments, .worklogs]) {
                    batch.issues.append(fetched)
                } else {
                    unfinished.append(entry)
                }
            case .failure(let quarantined): batch.quarantined.append(quarantined.entry)
            }
        }
        guard !unfinished.isEmpty else { return batch }
        let completed = try await concurrently(unfinished) { (entry) async throws(JiraError) in
            try await self.completed(entry)
        }
        for case .success(let fetched) in completed.map(\.result) { batch.issues.append(fetched) }
        for case .failure(let quarantined) in completed.map(\.result) { batch.quarantined.append(quarantined.entry) }
        return batch
    }

    private func completed(_ entry: IssueDecoder.Entry) async throws(JiraError) -> IssueDecoder.Entry {
        guard case .success(var fetched) = entry.result else { return entry }
        let id = fetched.issue.id
        do throws(JiraError) {
            if entry.truncated.contains(.comments) {
                let comments = try await comments(of: id)
                (fetched.issue.comments, fetched.raw.comments) = (comments.values, comments.raw)
                fetched.damaged.removeAll { $0.kind == .comment }
                fetched.damaged += comments.damaged
                fetched.issue.closeAttachments(beside: &fetched.damaged)
            }
            if entry.truncated.contains(.worklogs) {
                let worklogs = try await worklogs(of: id)
                (fetched.issue.worklogs, fetched.raw.worklogs) = (worklogs.values, worklogs.raw)
                fetched.damaged.removeAll { $0.kind == .worklog }
                fetched.damaged += worklogs.damaged
            }
        } catch {
            guard error.code == .undecodable || error.code == .tooLarge else { throw error }
            let quarantined = QuarantinedIssue(
                id: id, key: fetched.issue.key, reason: error.code.rawValue, detail: error.endpoint,
                raw: fetched.raw.issue)
            return IssueDecoder.Entry(result: .failure(.init(entry: quarantined)), truncated: [])
        }
        return IssueDecoder.Entry(result: .success(fetched), truncated: [])
    }

    /// Runs `work` for every element at once and returns the results in order. The pacer keeps the number in check.
    func concurrently<Element: Sendable, Output: Sendable>(
        _ elements: [Element], _ work: @escaping @Sendable (Element) async throws(JiraError) -> Output
    ) async throws(JiraError) -> [Output] {
        do {
            return try await withThrowingTaskGroup(of: (Int, Output).self) { group in
                for (index, element) in elements.enumerated() {
                    group.addTask { (index, try await work(element)) }
                }
                var outputs = [Output?](repeating: nil, count: elements.count)
                for try await (index, output) in group { outputs[index] = output }
                return outputs.compactMap { $0 }
            }
        } catch let error as JiraError {
            throw error
        } catch {
            throw JiraError(.cancelled)
        }
    }
}

extension IssueDecoder {
    /// One issue of a page: decoded, or set aside with the reason.
    struct Entry: Sendable {
        var result: Result<FetchedIssue, Failure>
        var truncated: Set<IssuePart>

        struct Failure: Error {
            var entry: QuarantinedIssue
        }
    }

    func entry(_ view: JSONView) -> Entry {
        let raw = view.serialized()
        do {
            let outcome = try decode(view)
            var fetched = FetchedIssue(issue: outcome.issue, raw: RawIssue(issue: raw))
            fetched.damaged = outcome.damaged
            return Entry(result: .success(fetched), truncated: outcome.truncated)
        } catch {
            let reason = IssueDecodingError(error)
            let quarantined = QuarantinedIssue(
                id: view["id"]?.issueID, key: view["key"]?.string.flatMap { IssueKey($0) }, reason: reason.reason,
                detail: reason.field, raw: raw)
            return Entry(result: .failure(Entry.Failure(entry: quarantined)), truncated: [])
        }
    }
}
