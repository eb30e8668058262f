package import SimulatedData

extension SiteState {
    /// Puts an issue where its new update time belongs in the order of updates. Call after changing the row.
    package mutating func moveInUpdateOrder(_ ordinal: Int) {
        if let old = byUpdated.lastIndex(of: Int32(ordinal)) { byUpdated.remove(at: old) }
        let updated = rows[ordinal].updated
        let place = firstUpdate(where: { ($0.updated, $0.ordinal) > (updated, Int32(ordinal)) })
        byUpdated.insert(Int32(ordinal), at: place)
    }

    /// The first position in the order of updates at which `isPast` holds; it must hold for all that follow.
    package func firstUpdate(where isPast: (IssueRow) -> Bool) -> Int {
        var low = 0
        var high = byUpdated.count
        while low < high {
            let middle = (low + high) / 2
            if isPast(rows[Int(byUpdated[middle])]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The first ordinal created at or after `moment`.
    package func firstOrdinal(createdFrom moment: Milliseconds) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].created >= moment { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
