/// How many issues of a set have each value.
struct FacetCounts: Sendable {
    /// By `catalogue.id`: types, statuses, priorities, resolutions, labels, components, versions and sprints at once.
    private(set) var catalogue: [Int32: Int32] = [:]
    private(set) var projects: [Int32: Int32] = [:]
    private(set) var assignees: [Int32: Int32] = [:]
    private(set) var reporters: [Int32: Int32] = [:]
    private(set) var creators: [Int32: Int32] = [:]
    private(set) var levels: [Int32: Int32] = [:]
    private(set) var sources: [Int32: Int32] = [:]
    private(set) var withoutPriority: Int32 = 0
    private(set) var withoutResolution: Int32 = 0

    init(_ columns: IssueColumns, _ issues: IssueSet) {
        var catalogue = Tally()
        var projects = Tally()
        var assignees = Tally()
        var reporters = Tally()
        var creators = Tally()
        var levels = Tally()
        var sources = Tally()
        issues.forEach { id in
            let record = columns.records[id]
            catalogue.add(record.type)
            catalogue.add(record.status)
            if record.priority == 0 { withoutPriority += 1 } else { catalogue.add(record.priority) }
            if record.resolution == 0 { withoutResolution += 1 } else { catalogue.add(record.resolution) }
            projects.add(record.project)
            assignees.add(record.assignee)
            reporters.add(record.reporter)
            creators.add(record.creator)
            levels.add(record.level)
            sources.add(record.source)
            let start = Int(record.valuesStart)
            let end = start + Int(record.valuesCount)
            for index in start..<end {
                let value = columns.values[index].id
                // A version that is both fixed and affected counts once.
                var isNew = true
                for earlier in start..<index where columns.values[earlier].id == value { isNew = false }
                if isNew { catalogue.add(value) }
            }
        }
        self.catalogue = catalogue.counts
        self.projects = projects.counts
        self.assignees = assignees.counts
        self.reporters = reporters.counts
        self.creators = creators.counts
        self.levels = levels.counts
        self.sources = sources.counts
    }

    /// Counts by small number, without hashing for the numbers that occur.
    private struct Tally {
        private var dense: [Int32] = []
        private var sparse: [Int32: Int32] = [:]

        @inline(__always) mutating func add(_ id: Int32) {
            guard id >= 0, id < 1 << 20 else {
                sparse[id, default: 0] += 1
                return
            }
            let index = Int(id)
            if index >= dense.count { dense.append(contentsOf: repeatElement(0, count: index * 2 + 64 - dense.count)) }
            dense[index] += 1
        }

        var counts: [Int32: Int32] {
            var result = sparse
            for (index, count) in dense.enumerated() where count > 0 { result[Int32(index)] = count }
            return result
        }
    }
}
