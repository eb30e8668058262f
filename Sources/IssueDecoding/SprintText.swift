import IssueModel

extension Sprint {
    /// Reads the text in which Server and older Data Center give a sprint:
    /// `com.atlassian.greenhopper.service.sprint.Sprint@a88a698[id=1,rapidViewId=1,state=ACTIVE,name=A, b,…]`.
    ///
    /// The keys come in any order, and a name or goal may hold commas, brackets and equals signs: only a comma followed
    /// by a known key and `=` ends a value.
    ///
    /// - Returns: `nil` when there is no id.
    init?(greenhopperText text: String) {
        guard let open = text.firstIndex(of: "["), text.last == "]" else { return nil }
        let values = Self.greenhopperValues(text[text.index(after: open)...].dropLast())
        guard let id = values["id"], !id.isEmpty else { return nil }
        func value(_ key: String) -> String? {
            guard let text = values[key], text != "<null>", !text.isEmpty else { return nil }
            return text
        }
        self.init(
            id: EntityID(id), name: values["name"] ?? "", state: (value("state") ?? "unknown").lowercased(),
            boardID: value("rapidViewId").map { EntityID($0) }, goal: value("goal"),
            start: value("startDate").flatMap { Timestamp($0) }, end: value("endDate").flatMap { Timestamp($0) },
            completed: value("completeDate").flatMap { Timestamp($0) })
    }

    private static let greenhopperKeys: Set<Substring> = [
        "id", "rapidViewId", "state", "name", "startDate", "endDate", "completeDate", "activatedDate", "sequence",
        "goal", "synced", "autoStartStop", "incompleteIssuesDestinationId",
    ]

    private static func greenhopperValues(_ body: Substring) -> [String: String] {
        var values: [String: String] = [:]
        var key: Substring?
        var valueStart = body.startIndex
        var position = body.startIndex
        func store(until end: Substring.Index) {
            // The first value of a key counts: a goal may imitate another key, and comes last.
            if let key, values[String(key)] == nil { values[String(key)] = String(body[valueStart..<end]) }
        }
        while position < body.endIndex {
            let isBoundary = position == body.startIndex || body[position] == ","
            let nameStart =
                position == body.startIndex && body[position] != "," ? position : body.index(after: position)
            if isBoundary, let equals = body[nameStart...].prefix(40).firstIndex(of: "="),
                greenhopperKeys.contains(body[nameStart..<equals])
            {
                store(until: position)
                key = body[nameStart..<equals]
                valueStart = body.index(after: equals)
                position = valueStart
            } else {
                position = body.index(after: position)
            }
        }
        store(until: body.endIndex)
        return values
    }
}
