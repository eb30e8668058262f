import AtlassianDocument
import FastJSON
import IssueModel

/// A field under the name people know it by.
struct ShownField: Hashable, Sendable {
    var name: String
    var value: Value

    enum Value: Hashable, Sendable {
        case field(FieldValue)
        case number(Int64)
        case names([String])
        /// Seconds, by Jira's own names for them.
        case timeTracking(TimeTracking)
    }
}

extension IssueView {
    /// The fields without a place of their own in the document, each under a name of its own.
    ///
    /// Names of fields are not unique in Jira: a later field of the same name carries its id behind it.
    var shownFields: [ShownField] {
        var result = systemFields
        var names = Set(result.map(\.name))
        for field in issue.otherFields {
            var name = field.name
            if !names.insert(name).inserted {
                name = "\(field.name) (\(field.id))"
                guard names.insert(name).inserted else { continue }
            }
            result.append(ShownField(name: name, value: .field(field.value)))
        }
        return result
    }

    private var systemFields: [ShownField] {
        var result: [ShownField] = []
        func add(_ name: String, _ value: ShownField.Value?) {
            if let value { result.append(ShownField(name: name, value: value)) }
        }
        func progress(_ progress: Progress?) -> ShownField.Value? {
            progress.map {
                .field(.progress(done: $0.done, total: $0.total, percent: $0.percent))
            }
        }
        func names(_ names: [String]) -> ShownField.Value? { names.isEmpty ? nil : .names(names) }
        add("Environment", issue.environment.map { .field(.document($0)) })
        add("Affects versions", names(issue.affectedVersions.map(\.name)))
        add("Resolved", issue.resolved.map { .field(.instant($0)) })
        add("Creator", issue.creator.map { .field(.text($0.displayName)) })
        add("Time tracking", issue.timeTracking.map { .timeTracking($0) })
        add("Progress", progress(issue.progress))
        add("Σ Progress", progress(issue.aggregateProgress))
        add("Restrict to", names(issue.restrictedToRoles.map(\.name)))
        add("Status Category", .field(.text(issue.status.category.title)))
        add("Rank", issue.rank.map { .field(.text($0)) })
        add("Watchers", issue.watches.map { .number(Int64($0)) })
        add("Votes", issue.votes.map { .number(Int64($0)) })
        add("Sub-tasks", names(issue.subtasks.map(\.key.description)))
        return result
    }
}

extension Status.Category {
    /// The words Jira shows for the category.
    var title: String {
        switch self {
        case .undefined: "No Category"
        case .new: "To Do"
        case .indeterminate: "In Progress"
        case .done: "Done"
        }
    }
}

extension ShownField.Value {
    func write(to json: inout JSONWriter) {
        switch self {
        case .field(let value): value.write(to: &json)
        case .number(let number): json.integer(number)
        case .names(let names): json.list(names)
        case .timeTracking(let tracking):
            json.object { json in
                if let seconds = tracking.originalEstimate { json.member("originalEstimateSeconds", Int(seconds)) }
                if let seconds = tracking.remainingEstimate { json.member("remainingEstimateSeconds", Int(seconds)) }
                if let seconds = tracking.spent { json.member("timeSpentSeconds", Int(seconds)) }
            }
        }
    }

    /// The value in one line, for people.
    var text: String {
        switch self {
        case .field(let value): value.text
        case .number(let number): String(number)
        case .names(let names): names.joined(separator: ", ")
        case .timeTracking(let tracking):
            [
                tracking.originalEstimate.map { "estimated \(Duration.words($0))" },
                tracking.spent.map { "spent \(Duration.words($0))" },
                tracking.remainingEstimate.map { "remaining \(Duration.words($0))" },
            ].compactMap { $0 }.joined(separator: ", ")
        }
    }
}

extension FieldValue {
    func write(to json: inout JSONWriter) {
        switch self {
        case .text(let text): json.string(text)
        case .document(let document): json.string(document.markdown())
        case .number(let number): json.double(number)
        case .date(let date): json.string(date.description)
        case .instant(let instant): json.string(instant.rfc3339)
        case .duration(let seconds): json.integer(seconds)
        case .progress(let done, let total, let percent):
            json.object { json in
                json.member("done", Int(done))
                json.member("total", Int(total))
                if let percent { json.member("percent", percent) }
            }
        case .entity(let entity): json.string(entity.name)
        case .entities(let entities), .path(let entities): json.list(entities.map(\.name))
        case .labels(let labels): json.list(labels)
        case .account(_, let name): json.string(name)
        case .accounts(let accounts): json.list(accounts.map(\.displayName))
        case .groups(let groups): json.list(groups.map(\.rawValue))
        case .sprints(let sprints): json.list(sprints.map(\.name))
        case .raw(let text):
            // Written again rather than copied, so that damaged text cannot break the document around it.
            if let value = try? JSONValue(parsing: text) { json.value(value) } else { json.string(text) }
        }
    }

    var text: String {
        switch self {
        case .text(let text): text
        case .document(let document): document.plainText()
        case .number(let number): Int64(exactly: number).map { String($0) } ?? number.description
        case .date(let date): date.description
        case .instant(let instant): instant.forPeople
        case .duration(let seconds): Duration.words(seconds)
        case .progress(let done, let total, let percent):
            "\(Duration.words(done)) of \(Duration.words(total))\(percent.map { " (\($0) %)" } ?? "")"
        case .entity(let entity): entity.name
        case .entities(let entities): entities.map(\.name).joined(separator: ", ")
        case .path(let entities): entities.map(\.name).joined(separator: " › ")
        case .labels(let labels): labels.joined(separator: ", ")
        case .account(_, let name): name
        case .accounts(let accounts): accounts.map(\.displayName).joined(separator: ", ")
        case .groups(let groups): groups.map(\.rawValue).joined(separator: ", ")
        case .sprints(let sprints): sprints.map(\.name).joined(separator: ", ")
        case .raw(let text): text
        }
    }
}

extension Duration {
    /// Seconds of work in hours and minutes: a working day's length is a setting that Jira keeps to itself.
    static func words(_ seconds: Int64) -> String {
        let minutes = seconds.magnitude / 60
        let sign = seconds < 0 ? "-" : ""
        if minutes >= 60 { return "\(sign)\(minutes / 60)h\(minutes % 60 == 0 ? "" : " \(minutes % 60)m")" }
        return minutes > 0 || seconds == 0 ? "\(sign)\(minutes)m" : "\(seconds)s"
    }
}

extension JSONWriter {
    fileprivate mutating func list(_ values: [String]) {
        array { json in
            for value in values { json.string(value) }
        }
    }
}
