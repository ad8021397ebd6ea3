// Stand-in: the system's short sounds.

public typealias SystemSoundID = UInt32
public func AudioServicesPlaySystemSound(_ sound: SystemSoundID) { fatalError() }
