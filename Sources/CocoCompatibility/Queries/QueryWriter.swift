internal import IssueModel

/// Writes conditions in Drawbridge's own query language.
///
/// What a document cannot have matches nothing, as in Coco, where such a field is merely empty. A value that nobody has, or
/// only issues that the reader may not see, is found out by the search itself: it is then written again as one that
/// matches nothing.
struct QueryWriter {
    let dataSources: [DataSource]
    /// The condition for a document id.
    let resolve: (String) throws -> Clause
    /// Conditions by their number that are known to match nothing.
    var dead: Set<Int> = []
    private(set) var text = ""
    /// Where each condition stands, in Unicode scalars.
    private(set) var places: [Range<Int>] = []

    init(dataSources: [DataSource], resolve: @escaping (String) throws -> Clause) {
        self.dataSources = dataSources
        self.resolve = resolve
    }

    /// Holds for no issue, and for every one: Jira is younger than 1970.
    private static let never = "created:<1970-01-02"
    private static let always = "created:>=1970-01-01"

    mutating func reset() {
        text = ""
        places = []
    }

    mutating func append(_ piece: String) {
        if !text.isEmpty, text.last != "(", text.last != "-" { text += " " }
        text += piece
    }

    mutating func write(_ clause: Clause) throws {
        switch clause {
        case .everything: append(Self.always)
        case .nothing: append(Self.never)
        case .words(let words):
            let parts = words.split { $0.isWhitespace }.map { Clause.text(String($0)) }
            try write(.all(parts))
        case .text(let text):
            let isText = text.unicodeScalars.contains {
                $0.properties.isAlphabetic || $0.properties.numericType != nil
            }
            append(isText ? Self.quoted(text) : Self.always)
        case .term(let field, let value): try write(DocumentField(field).term(value, self))
        case .compare(let field, let comparison, let value):
            condition(DocumentField(field).comparison(comparison, value))
        case .exists(let field): condition(DocumentField(field).presence)
        case .all(let clauses): try write(clauses, joinedBy: nil, empty: .everything)
        case .any(let clauses): try write(clauses, joinedBy: "OR", empty: .nothing)
        case .not(let clause):
            append("-(")
            try write(clause)
            text += ")"
        }
    }

    private mutating func write(_ clauses: [Clause], joinedBy word: String?, empty: Clause) throws {
        guard clauses.count != 1 else { return try write(clauses[0]) }
        guard !clauses.isEmpty else { return try write(empty) }
        append("(")
        for (place, clause) in clauses.enumerated() {
            if place > 0, let word { append(word) }
            try write(clause)
        }
        text += ")"
    }

    private mutating func write(_ term: DocumentField.Term) throws {
        switch term {
        case .condition(let condition): self.condition(condition)
        case .clause(let clause): try write(clause)
        }
    }

    private mutating func condition(_ condition: DocumentField.Condition) {
        switch condition {
        case .always: append(Self.always)
        case .never: append(Self.never)
        case .filter(let filter):
            let isDead = dead.contains(places.count)
            append("")
            let start = text.unicodeScalars.count
            text += isDead ? Self.never : filter
            places.append(start..<text.unicodeScalars.count)
        }
    }

    /// A value or phrase in quotes.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
