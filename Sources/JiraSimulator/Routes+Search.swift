import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSearch
import SimulatedSite
import WebServer

extension Routes {
    mutating func addSearch() {
        if isCloud {
            api(.post, "search/jql") { try $0.searchByToken($0.searchBody()) }
            api(.get, "search/jql") { try $0.searchByToken($0.searchQuery()) }
            api(.post, "search/approximate-count") { try $0.approximateCount() }
            for method in [HTTPMethod.get, .post] {
                api(method, "search") { _ in
                    throw Refusal(
                        410,
                        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full "
                            + "migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
                    )
                }
            }
            api(.post, "jql/match") { try $0.matchQueries() }
        } else {
            api(.get, "search") { try $0.searchByOffset($0.searchQuery()) }
            api(.post, "search") { try $0.searchByOffset($0.searchBody()) }
        }
    }
}

/// What a search asks for, from either its query or its body.
struct SearchRequest {
    var jql: String
    var fields: [String]
    var expand: String
    var maxResults: Int
    var startAt: Int
    var token: String?
    var validates: Bool
}

extension Call {
    fileprivate func searchQuery() throws -> SearchRequest {
        SearchRequest(
            jql: query["jql"] ?? "", fields: query.all("fields"), expand: query["expand"] ?? "",
            maxResults: try integer("maxResults", default: 50), startAt: try integer("startAt", default: 0),
            token: query["nextPageToken"], validates: query["validateQuery"] != "false")
    }

    fileprivate func searchBody() throws -> SearchRequest {
        let body = try body()
        if isCloud {
            try onlyMembers(
                [
                    "jql", "fields", "maxResults", "nextPageToken", "expand", "properties", "fieldsByKeys",
                    "reconcileIssues", "failFast",
                ], of: body)
        }
        let expand = body["expand"]?.string ?? body["expand"]?.array?.compactMap(\.string).joined(separator: ",") ?? ""
        return SearchRequest(
            jql: body["jql"]?.string ?? "", fields: body["fields"]?.array?.compactMap(\.string) ?? [], expand: expand,
            maxResults: body["maxResults"]?.integer ?? 50, startAt: body["startAt"]?.integer ?? 0,
            token: body["nextPageToken"]?.string, validates: body["validateQuery"]?.bool ?? true)
    }

    // MARK: Cloud

    fileprivate func searchByToken(_ search: SearchRequest) throws -> WebResponse {
        try refuseUnbounded(search.jql)
        guard search.maxResults >= 0 else { throw Refusal(400, "maxResults must not be negative.") }
        let selection = FieldSelection(search.fields, default: .idOnly, state: state)
        let found = try simulator.search(search.jql, as: caller)
        let place = try search.token.map { try SearchPlace(token: $0, jql: search.jql).position(in: found) } ?? 0
        let start = place + faults.pageShift
        // Jira trims pages: 5,000 when only ids are asked for, 100 in practice with fields.
        let limit = selection.hasHead ? configuration.issuePageLimit ?? 100 : configuration.idPageLimit ?? 5_000
        let slice = found.dropFirst(start).prefix(min(search.maxResults, limit))
        let end = start + slice.count
        let repeats = faults.repeatsPage
        let isLast = end >= found.count && !repeats
        var json = JSONWriter(reservingCapacity: slice.count * (selection.hasFields ? 8_000 : 24) + 200)
        json.object { json in
            json.member("issues", array: { write(slice, selection, Expansions(search.expand), &$0) })
            if !isLast {
                let place = SearchPlace(
                    jql: search.jql, next: repeats ? start : end, last: repeats || end == 0 ? -1 : found[end - 1])
                // A page repeated by fault hands out the token it was asked with.
                json.member("nextPageToken", repeats ? search.token ?? place.token : place.token)
            }
            json.member("isLast", isLast)
            writeSearchExpansions(Expansions(search.expand), &json)
        }
        return .json(bytes: json.bytes, objects: slice.count)
    }

    private func refuseUnbounded(_ jql: String) throws {
        let parsed = try JQLQuery(
            parsing: jql, allowsBareWords: state.configuration.flavour.isCloud)
        guard parsed.isBounded else {
            throw Refusal(
                400,
                "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
        }
    }

    fileprivate func approximateCount() throws -> WebResponse {
        let jql = try body()["jql"]?.string ?? ""
        try refuseUnbounded(jql)
        let count = try simulator.search(jql, as: caller).count
        return .json { $0.member("count", count) }
    }

    /// `POST jql/match`: which of some issues each query finds.
    fileprivate func matchQueries() throws -> WebResponse {
        let body = try body()
        let ids = Set(body["issueIds"]?.array?.compactMap(\.integer) ?? [])
        let queries = body["jqls"]?.array?.compactMap(\.string) ?? []
        return .json { json in
            json.member(
                "matches",
                array: { json in
                    for jql in queries {
                        json.object { json in
                            let result = Result { try simulator.search(jql, as: caller) }
                            let matched = (try? result.get())?.map { state.row(Int($0)).id }.filter(ids.contains) ?? []
                            json.member("matchedIssues", array: { json in for id in matched { json.integer(id) } })
                            json.member(
                                "errors",
                                array: { json in
                                    if case .failure(let error as JQLError) = result { json.string(error.description) }
                                })
                        }
                    }
                })
        }
    }

    // MARK: Data Center and Server

    fileprivate func searchByOffset(_ search: SearchRequest) throws -> WebResponse {
        var found: [Int32] = []
        var warning: String?
        do {
            found = try simulator.search(search.jql, as: caller, validates: search.validates)
        } catch let error as JQLError where !search.validates {
            // An unchecked query answers with what went wrong, and nothing found.
            warning = error.description
        }
        let selection = FieldSelection(search.fields, default: .navigable, state: state)
        // More than the instance allows is cut without a word.
        let size = search.maxResults < 0 ? 1_000 : min(search.maxResults, configuration.issuePageLimit ?? 1_000)
        let slice = found.dropFirst(max(0, search.startAt) + faults.pageShift).prefix(size)
        var json = JSONWriter(reservingCapacity: slice.count * 8_000 + 200)
        json.object { json in
            json.member("expand", "schema,names")
            json.member("startAt", max(0, search.startAt))
            json.member("maxResults", size)
            json.member("total", found.count)
            json.member("issues", array: { write(slice, selection.withHead, Expansions(search.expand), &$0) })
            if let warning { json.member("warningMessages", array: { $0.string(warning) }) }
            writeSearchExpansions(Expansions(search.expand), &json)
        }
        return .json(bytes: json.bytes, objects: slice.count)
    }

    // MARK: Both

    private func write(
        _ ordinals: ArraySlice<Int32>, _ selection: FieldSelection, _ expansions: Expansions, _ json: inout JSONWriter
    ) {
        let missing = faults.missingFromSearch
        let known = state.issueCount
        guard selection.hasHead else {
            let ids = ordinals.lazy.map { state.row(Int($0)).id }
            let text = Self.onlyIDs(missing.isEmpty ? Array(ids) : ids.filter { !missing.contains($0) })
            if !text.isEmpty { json.raw(text) }
            return
        }
        let (renderer, viewer) = (renderer, viewer)
        let isIndexStale = !simulator.site.indexLags.isEmpty
        for ordinal in ordinals.map(Int.init) where ordinal < known {
            // A lagging index still lists what is gone; what is read for it is today's.
            if isIndexStale, !viewer.sees(issue: ordinal) { continue }
            if !missing.isEmpty, missing.contains(state.row(ordinal).id) { continue }
            json.beginObject()
            rendered(ordinal, renderer, viewer).write(selection, &json)
            if expansions.has("changelog") { writeEmbeddedChanges(of: ordinal, renderer, &json) }
            json.endObject()
        }
    }

    /// `{"id":"10000"},…`, quickly: a census asks for a million.
    private static func onlyIDs(_ ids: [Int]) -> [UInt8] {
        let (opening, ending) = (Array(#"{"id":""#.utf8), Array(#""},"#.utf8))
        // An id has at most 19 digits; every byte below `count` is written before it is counted.
        return [UInt8](unsafeUninitializedCapacity: ids.count * 30) { buffer, count in
            for id in ids {
                for byte in opening {
                    buffer[count] = byte
                    count += 1
                }
                var (rest, length) = (id, 1)
                while rest >= 10 { (rest, length) = (rest / 10, length + 1) }
                rest = id
                for place in stride(from: count + length - 1, through: count, by: -1) {
                    buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                count += length
                for byte in ending {
                    buffer[count] = byte
                    count += 1
                }
            }
            // No comma after the last.
            if count > 0 { count -= 1 }
        }
    }

    private func writeSearchExpansions(_ expansions: Expansions, _ json: inout JSONWriter) {
        if expansions.has("names") {
            json.member(
                "names", object: { json in for field in state.catalogue.fields { json.member(field.id, field.name) } })
        }
    }
}

/// Where a page of search results ends: the last issue it held and how many came before.
private struct SearchPlace {
    let checksum: String
    let next: Int
    let last: Int32

    init(jql: String, next: Int, last: Int32) {
        checksum = Self.checksum(jql)
        self.next = next
        self.last = last
    }

    /// Refuses a token that is none or that belongs to another query.
    init(token: String, jql: String) throws {
        let parts = token.split(separator: ".").map(String.init)
        guard parts.count == 4, parts[0] == "sim", parts[1] == Self.checksum(jql), let next = Int(parts[2], radix: 36),
            let last = Int32(parts[3], radix: 36)
        else { throw Refusal(400, "The provided next page token is invalid or expired.") }
        checksum = parts[1]
        self.next = next
        self.last = last
    }

    var token: String { "sim.\(checksum).\(String(next, radix: 36)).\(String(last, radix: 36))" }

    /// Where to go on: behind the last issue where it stands now. If it is gone, or was changed and moved to the end, then where
    /// its place was.
    func position(in found: [Int32]) -> Int {
        if next > 0, next <= found.count, found[next - 1] == last { return next }
        let place = last >= 0 ? found.firstIndex(of: last) : nil
        if let place, place < next { return place + 1 }
        // One place early: that repeats an issue rather than losing one.
        return min(max(next - 1, 0), found.count)
    }

    /// FNV-1a.
    private static func checksum(_ text: String) -> String {
        let hash = text.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return String(hash, radix: 36)
    }
}
