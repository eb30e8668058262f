internal import SearchLanguage

/// Puts hits in order and takes a page out of it.
struct HitOrder {
    let columns: IssueColumns
    let order: SortOrder
    let keyed: [Int]
    /// Raises the scores of the best hits; they keep their place before the others.
    let refine: ([Ranking.Hit]) throws -> [Ranking.Hit]

    /// The best hits that are looked at once more.
    static let window = 40

    /// The hits of the page, and what each was ordered by.
    func page(
        of hits: [Ranking.Hit], after cursor: SearchCursor?, limit: Int
    ) throws -> [(hit: Ranking.Hit, value: Int64)] {
        guard case .field(let field, let isDescending) = order else {
            return try relevant(hits, after: cursor, limit: limit).map { ($0, Int64($0.score.bitPattern)) }
        }
        let entries = hits.lazy.map { (hit: $0, value: key(field, Int($0.issue), isDescending)) }
        let before: ((hit: Ranking.Hit, value: Int64), (hit: Ranking.Hit, value: Int64)) -> Bool = {
            $0.value != $1.value ? $0.value > $1.value : $0.hit.issue > $1.hit.issue
        }
        guard let cursor else { return best(limit, of: entries, by: before) }
        let isThere = hits.contains { $0.issue == cursor.issue }
        let value = isThere ? key(field, Int(cursor.issue), isDescending) : cursor.value
        let anchor = (hit: Ranking.Hit(score: 0, issue: cursor.issue), value: value)
        return best(limit, of: entries.filter { before(anchor, $0) }, by: before)
    }

    private func relevant(_ hits: [Ranking.Hit], after cursor: SearchCursor?, limit: Int) throws -> [Ranking.Hit] {
        let first = best(Self.window, of: hits, by: Ranking.Hit.precedes)
        var front = try refine(first).sorted(by: Ranking.Hit.precedes)
        // An issue whose key was typed is what was looked for.
        let named = keyed.compactMap { issue in hits.first { Int($0.issue) == issue } }
        front = named + front.filter { hit in !named.contains { $0.issue == hit.issue } }
        var page: [Ranking.Hit] = []
        var last: Ranking.Hit? = first.last
        if let cursor {
            if let position = front.firstIndex(where: { $0.issue == cursor.issue }) {
                page = Array(front[(position + 1)...].prefix(limit))
            } else {
                let score = Float(bitPattern: UInt32(truncatingIfNeeded: cursor.value))
                last = hits.first { $0.issue == cursor.issue } ?? Ranking.Hit(score: score, issue: cursor.issue)
            }
        } else {
            page = Array(front.prefix(limit))
        }
        guard page.count < limit, hits.count > front.count, let last else { return page }
        let shown = Set(front.map(\.issue))
        let rest = hits.lazy.filter { Ranking.Hit.precedes(last, $0) && !shown.contains($0.issue) }
        return page + best(limit - page.count, of: rest, by: Ranking.Hit.precedes)
    }

    /// What a hit is ordered by, the larger the earlier; issues without the field come last either way.
    private func key(_ field: SortOrder.SortField, _ issue: Int, _ isDescending: Bool) -> Int64 {
        let record = columns.records[issue]
        let value: Int64?
        switch field {
        case .created: value = record.created
        case .updated: value = record.updated
        case .resolved: value = record.resolved == 0 ? nil : record.resolved
        case .due: value = record.due == IssueRecord.noDay ? nil : Int64(record.due)
        // Jira lists the highest priority first.
        case .priority: value = record.priority == 0 ? nil : -Int64(record.priority)
        case .key: value = Int64(record.project) << 32 | Int64(record.number)
        }
        guard let value else { return .min }
        return isDescending ? value : -value
    }
}
