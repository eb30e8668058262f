import Testing

/// The simulation bites: with a known mistake put in, some seed fails.
@Suite(.serialized) struct PlantTests {
    @Test("a mistake that is put in is found", arguments: Plant.allCases)
    func isFound(_ plant: Plant) async {
        var tried = 0
        // Cloud and Data Center in turn.
        for first in stride(from: UInt64(0), to: 40, by: 2) {
            let tally = await Tally.of((first..<first + 2).map { 900 + $0 }, plant: plant)
            tried += 2
            for (seed, report) in tally.failed {
                guard let finding = report.findings.first(where: { $0.contains(plant.sign) || plant.sign.isEmpty })
                else { continue }
                print("➜ \(plant.rawValue) found after \(tried) seeds, by \(seed): \(finding)")
                return
            }
        }
        Testing.Issue.record("\(plant.rawValue) was not found by \(tried) seeds")
    }
}
