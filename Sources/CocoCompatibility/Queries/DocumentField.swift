internal import Store
internal import IssueModel

/// A field of documents, as filters name it.
struct DocumentField {
    private let name: String

    init(_ name: String) {
        self.name = name.hasSuffix(".keyword") ? String(name.dropLast(8)) : name
    }

    enum Condition: Hashable {
        case always
        case never
        /// In the query language.
        case filter(String)
    }

    enum Term {
        case condition(Condition)
        case clause(Clause)
    }

    /// What our own language calls a field of the document.
    private var filter: String? {
        switch name {
        case "category", "categories", "_system.parent_path", "metadata.project_name", "metadata.project_key": "project"
        case "metadata.issue_key": "key"
        case "tags": "label"
        case "owner", "owner.username", "owner.userid": "reporter"
        case "metadata.status": "status"
        case "metadata.issue_type": "type"
        case "metadata.priority": "priority"
        case "metadata.resolution": "resolution"
        case "metadata.assignee": "assignee"
        case "created", "updated": name
        case "source.name": "source"
        default: nil
        }
    }

    /// The field has this value.
    func term(_ value: String, _ writer: QueryWriter) throws -> Term {
        switch name {
        case "id", "_id": return .clause(try writer.resolve(value))
        case "source.id", "source":
            let names = writer.dataSources.filter { $0.id == value }.map(\.source.name)
            return .condition(names.first.map { .filter("source:" + QueryWriter.quoted($0)) } ?? .never)
        case "title", "content", "summary", "combined_fulltext", "*", "_all": return .clause(.text(value))
        case "type": return .condition(value == "jira_issue" ? .always : .never)
        case "source.type": return .condition(value == "connector" ? .always : .never)
        case "processed", "disabled": return .condition(value == "false" ? .always : .never)
        case "icon": return .condition(value == "default" ? .always : .never)
        case "created", "updated": return .condition(date("", value))
        default: break
        }
        guard let filter else { return .condition(.never) }
        var value = value
        if filter == "project" { value = value.split(separator: "/").joined(separator: "/") }
        guard !value.isEmpty, value.utf8.count <= 1_000 else { return .condition(.never) }
        let isBeginning =
            value.last == "*" && value.utf8.count > 1
            && value.dropLast().utf8.allSatisfy { $0 >= 0x80 || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) }
        return .condition(.filter("\(filter):" + (isBeginning ? value : QueryWriter.quoted(value))))
    }

    /// The field lies on this side of a value. Only times have an order here.
    func comparison(_ comparison: Clause.Comparison, _ value: String) -> Condition {
        name == "created" || name == "updated" ? date(comparison.rawValue, value) : .never
    }

    /// The field has any value.
    var presence: Condition {
        switch name {
        case "tags": .filter("has:label")
        case "metadata.assignee": .filter("has:assignee")
        case "metadata.priority": .filter("has:priority")
        case "metadata.resolution": .filter("has:resolution")
        case "content": .filter("has:description")
        case "owner", "owner.username", "owner.userid": .filter("has:reporter")
        case "id", "_id", "title", "url", "created", "updated", "source", "source.id", "source.name", "type", "icon",
            "category", "categories", "size", "metadata", "metadata.issue_key", "metadata.issue_id",
            "metadata.project_key", "metadata.project_name", "metadata.status", "metadata.issue_type":
            .always
        default: .never
        }
    }

    /// Takes RFC 3339, days, milliseconds since 1970 and distances such as `now-7d`; moments count to the minute.
    private func date(_ sign: String, _ value: String) -> Condition {
        var text = value
        if let moment = Timestamp(value) {
            text = moment.rfc3339
        } else if let number = Int64(value), value.utf8.count >= 9 {
            text = Timestamp(milliseconds: number).rfc3339
        } else if value.hasPrefix("now") {
            let distance = value.dropFirst(3).prefix { $0 != "/" }
            text = distance.isEmpty ? "now" : String(distance)
        }
        return .filter("\(name):\(sign)" + QueryWriter.quoted(text))
    }
}
