import FastJSON
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Call {
    /// `GET issue/{issue}/changelog`: Cloud, oldest first.
    func changes() throws -> WebResponse {
        let ordinal = try issue()
        let renderer = renderer
        return try page(state.content(of: ordinal).changes, default: 100, limit: 100) { change, json in
            renderer.change(change, items: change.items, &json)
        }
    }

    /// The histories inside an issue: the latest first on Cloud and only so many, all and oldest first elsewhere.
    func writeEmbeddedChanges(of ordinal: Int, _ renderer: Renderer, _ json: inout JSONWriter) {
        let changes = state.content(of: ordinal).changes
        let shown = isCloud ? Array(changes.reversed().prefix(40)) : changes
        json.member(
            "changelog",
            object: { json in
                json.member("startAt", 0)
                json.member("maxResults", shown.count)
                json.member("total", changes.count)
                json.member(
                    "histories",
                    array: { json in
                        for change in shown { renderer.change(change, items: change.items, &json) }
                    })
            })
    }

    /// `POST changelog/bulkfetch`: the histories of many issues, so many to a page.
    func bulkFetchChanges() throws -> WebResponse {
        let body = try body()
        try onlyMembers(["issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"], of: body)
        let names = body["issueIdsOrKeys"]?.array?.compactMap { $0.string ?? $0.integer.map(String.init) } ?? []
        let fieldIDs = body["fieldIds"]?.array?.compactMap(\.string) ?? []
        guard (1...1_000).contains(names.count) else {
            throw Refusal(400, "issueIdsOrKeys must hold 1 to 1000 issues.")
        }
        guard fieldIDs.count <= 10 else { throw Refusal(400, "fieldIds must hold at most 10 fields.") }
        let size = body["maxResults"]?.integer ?? 1_000
        guard (1...10_000).contains(size) else { throw Refusal(400, "maxResults must be between 1 and 10000.") }
        let (renderer, viewer) = (renderer, viewer)
        let found = Set(names.compactMap { state.ordinal(idOrKey: $0) }.filter { viewer.sees(issue: $0) }).sorted()

        var place = ChangePlace(issue: 0, change: 0)
        if let token = body["nextPageToken"]?.string {
            guard let known = ChangePlace(token) else { throw Refusal(400, "The nextPageToken is not valid.") }
            place = known
        }
        var json = JSONWriter(reservingCapacity: 1 << 18)
        json.beginObject()
        json.key("issueChangeLogs")
        json.beginArray()
        var left = size
        while left > 0, place.issue < found.count {
            left = write(found[place.issue], fieldIDs, &place, left, renderer, &json)
        }
        json.endArray()
        if place.issue < found.count { json.member("nextPageToken", place.token) }
        json.endObject()
        return .json(bytes: json.bytes)
    }

    /// Writes at most `left` histories of one issue and says how many more the page takes.
    private func write(
        _ ordinal: Int, _ fieldIDs: [String], _ place: inout ChangePlace, _ left: Int, _ renderer: Renderer,
        _ json: inout JSONWriter
    ) -> Int {
        func open(_ histories: (inout JSONWriter) -> Void) {
            json.object { json in
                json.member("issueId", String(state.row(ordinal).id))
                json.member("changeHistories", array: histories)
            }
        }
        if fieldIDs.isEmpty, place.change == 0 {
            let whole = simulator.changes(ordinal, renderer)
            if whole.count <= left {
                if whole.count > 0 { open { $0.raw(whole.json) } }
                place = ChangePlace(issue: place.issue + 1, change: 0)
                return left - whole.count
            }
        }
        let wanted = Set(fieldIDs)
        let changes = state.content(of: ordinal).changes.compactMap { change -> (ChangeGroup, [ChangeItem])? in
            let items = wanted.isEmpty ? change.items : change.items.filter { wanted.contains($0.fieldID) }
            return items.isEmpty ? nil : (change, items)
        }
        let slice = changes.dropFirst(place.change).prefix(left)
        if !slice.isEmpty {
            open { json in for (change, items) in slice { renderer.change(change, items: items, &json) } }
        }
        let end = place.change + slice.count
        place =
            end >= changes.count
            ? ChangePlace(issue: place.issue + 1, change: 0) : ChangePlace(issue: place.issue, change: end)
        return left - slice.count
    }
}

/// Where a page of histories ends: the position of the issue and of the history in it.
private struct ChangePlace {
    var issue: Int
    var change: Int

    init(issue: Int, change: Int) {
        self.issue = issue
        self.change = change
    }

    init?(_ token: String) {
        let parts = token.split(separator: "-").compactMap { Int($0, radix: 36) }
        guard token.hasPrefix("chg-"), parts.count == 3 else { return nil }
        self.init(issue: parts[1], change: parts[2])
    }

    var token: String { "chg-\(String(issue, radix: 36))-\(String(change, radix: 36))" }
}

extension Renderer {
    fileprivate func change(_ change: ChangeGroup, items: [ChangeItem], _ json: inout JSONWriter) {
        json.object { json in
            json.member("id", String(change.id))
            json.key("author")
            user(change.author, &json)
            json.member("created", time(change.created))
            json.member(
                "items",
                array: { json in
                    for item in items {
                        json.object { json in
                            json.member("field", item.field)
                            json.member("fieldtype", item.fieldType)
                            if isCloud { json.member("fieldId", item.fieldID) }
                            json.member("from", item.from)
                            json.member("fromString", item.fromString)
                            json.member("to", item.to)
                            json.member("toString", item.toString)
                        }
                    }
                })
        }
    }
}

extension Simulator {
    /// All histories of an issue, without brackets, and how many there are.
    @discardableResult
    func changes(_ ordinal: Int, _ renderer: Renderer, content: IssueContent? = nil) -> (
        json: ArraySlice<UInt8>, count: Int
    ) {
        let version = renderer.state.version
        let key = IssueCache.Key(
            ordinal: Int32(ordinal), profile: profile(renderer.version, zone: renderer.zone))
        if let known = cache.changes(key, version: version) { return Self.unpack(known) }
        let changes = (content ?? renderer.state.content(of: ordinal)).changes
        var json = JSONWriter(reservingCapacity: 2_048)
        for change in changes { renderer.change(change, items: change.items, &json) }
        // The count goes before the text.
        let packed = withUnsafeBytes(of: UInt32(changes.count).littleEndian) { Array($0) } + json.bytes
        cache.keep(changes: packed, key, version: version)
        return Self.unpack(packed)
    }

    private static func unpack(_ packed: [UInt8]) -> (json: ArraySlice<UInt8>, count: Int) {
        let count = packed[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        return (packed[4...], count)
    }
}
