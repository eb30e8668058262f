import FastJSON
import IssueModel

/// Which part of a long list is read in this turn: lists that grow with the site are gone through over several runs.
struct CatalogueTurn: Hashable, Sendable {
    /// The last of each list that was read, by its identity.
    private(set) var after: [String: String] = [:]

    static let phase = "catalogue_turn"

    init() {}

    init(json: String) {
        guard let json = try? JSONValue(parsing: json) else { return }
        for list in ["projects", "boards"] { after[list] = json[list]?.string }
    }

    var json: String {
        var writer = JSONWriter()
        writer.object { for (list, last) in after.sorted(by: { $0.key < $1.key }) { $0.member(list, last) } }
        return writer.text
    }

    /// The next `limit` of `all`, going round.
    mutating func next(_ limit: Int, of all: [EntityID], in list: String) -> Set<EntityID> {
        guard all.count > limit else { return Set(all) }
        func isBefore(_ left: EntityID, _ right: EntityID) -> Bool {
            (left.rawValue.utf8.count, left.rawValue) < (right.rawValue.utf8.count, right.rawValue)
        }
        let sorted = all.sorted(by: isBefore)
        let start = after[list].flatMap { last in sorted.firstIndex { isBefore(EntityID(last), $0) } } ?? 0
        let chosen = (0..<limit).map { sorted[(start + $0) % sorted.count] }
        after[list] = chosen.last?.rawValue
        return Set(chosen)
    }
}
