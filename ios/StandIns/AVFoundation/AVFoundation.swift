// Stand-in: capturing from a camera.

@_exported import CoreMedia
@_exported import Dispatch
@_exported import Foundation
import UIKit

public struct AVMediaType: Hashable, Sendable {
  public static let video = AVMediaType()
}

public enum AVAuthorizationStatus: Int, Sendable {
  case notDetermined, restricted, denied, authorized
}

open class AVCaptureDevice: NSObject, @unchecked Sendable {
  public struct DeviceType: Hashable, Sendable {
    public static let builtInWideAngleCamera = DeviceType()
  }
  public enum Position: Sendable { case unspecified, back, front }
  public enum FocusMode: Sendable { case locked, autoFocus, continuousAutoFocus }
  public enum AutoFocusRangeRestriction: Sendable { case none, near, far }
  public enum TorchMode: Sendable { case off, on, auto }
  public final class Format: NSObject {
    public var videoMaxZoomFactor: CGFloat { fatalError() }
  }
  open class func `default`(
    _ type: DeviceType, for media: AVMediaType?, position: Position
  ) -> AVCaptureDevice? { fatalError() }
  open class func authorizationStatus(for media: AVMediaType) -> AVAuthorizationStatus {
    fatalError()
  }
  open class func requestAccess(for media: AVMediaType) async -> Bool { fatalError() }
  open var hasTorch: Bool { fatalError() }
  open var isTorchAvailable: Bool { fatalError() }
  open var torchMode: TorchMode {
    get { fatalError() }
    set { fatalError() }
  }
  open var focusMode: FocusMode {
    get { fatalError() }
    set { fatalError() }
  }
  open func isFocusModeSupported(_ mode: FocusMode) -> Bool { fatalError() }
  open var isAutoFocusRangeRestrictionSupported: Bool { fatalError() }
  open var autoFocusRangeRestriction: AutoFocusRangeRestriction {
    get { fatalError() }
    set { fatalError() }
  }
  open var minimumFocusDistance: Int { fatalError() }
  open var videoZoomFactor: CGFloat {
    get { fatalError() }
    set { fatalError() }
  }
  open var activeFormat: Format { fatalError() }
  open func lockForConfiguration() throws { fatalError() }
  open func unlockForConfiguration() { fatalError() }

  open class RotationCoordinator: NSObject, @unchecked Sendable {
    public init(device: AVCaptureDevice, previewLayer: CALayer?) { fatalError() }
    open var videoRotationAngleForHorizonLevelPreview: CGFloat { fatalError() }
  }
}

open class AVCaptureInput: NSObject {}
open class AVCaptureOutput: NSObject {}
open class AVCaptureConnection: NSObject {
  open var videoRotationAngle: CGFloat {
    get { fatalError() }
    set { fatalError() }
  }
}
open class AVCaptureDeviceInput: AVCaptureInput {
  public init(device: AVCaptureDevice) throws { fatalError() }
  open var device: AVCaptureDevice { fatalError() }
}

public protocol AVCaptureVideoDataOutputSampleBufferDelegate: AnyObject {
  func captureOutput(
    _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer,
    from connection: AVCaptureConnection)
}

open class AVCaptureVideoDataOutput: AVCaptureOutput {
  public override init() { super.init() }
  open var alwaysDiscardsLateVideoFrames: Bool {
    get { fatalError() }
    set { fatalError() }
  }
  open var videoSettings: [String: Any]! {
    get { fatalError() }
    set { fatalError() }
  }
  open func setSampleBufferDelegate(
    _ delegate: (any AVCaptureVideoDataOutputSampleBufferDelegate)?, queue: DispatchQueue?
  ) { fatalError() }
}

open class AVCaptureSession: NSObject, @unchecked Sendable {
  public struct Preset: Hashable, Sendable { public static let hd1280x720 = Preset() }
  public override init() { super.init() }
  open var sessionPreset: Preset {
    get { fatalError() }
    set { fatalError() }
  }
  open var inputs: [AVCaptureInput] { fatalError() }
  open func canAddInput(_ input: AVCaptureInput) -> Bool { fatalError() }
  open func addInput(_ input: AVCaptureInput) { fatalError() }
  open func canAddOutput(_ output: AVCaptureOutput) -> Bool { fatalError() }
  open func addOutput(_ output: AVCaptureOutput) { fatalError() }
  open func beginConfiguration() { fatalError() }
  open func commitConfiguration() { fatalError() }
  open func startRunning() { fatalError() }
  open func stopRunning() { fatalError() }
}

public struct AVLayerVideoGravity: Hashable, Sendable {
  public static let resizeAspectFill = AVLayerVideoGravity()
}

@MainActor open class AVCaptureVideoPreviewLayer: CALayer {
  open var session: AVCaptureSession? {
    get { fatalError() }
    set { fatalError() }
  }
  open var connection: AVCaptureConnection? { fatalError() }
  open var videoGravity: AVLayerVideoGravity {
    get { fatalError() }
    set { fatalError() }
  }
}

/// What Foundation offers on Apple's systems only: watching a property.
public final class NSKeyValueObservation: NSObject, @unchecked Sendable {}
public struct NSKeyValueObservingOptions: OptionSet, Sendable {
  public let rawValue: UInt
  public init(rawValue: UInt) { self.rawValue = rawValue }
  public static let new = NSKeyValueObservingOptions(rawValue: 1)
  public static let initial = NSKeyValueObservingOptions(rawValue: 4)
}
public struct NSKeyValueObservedChange<Value> {}
extension AVCaptureDevice.RotationCoordinator {
  public func observe<Value>(
    _ path: KeyPath<AVCaptureDevice.RotationCoordinator, Value>,
    options: NSKeyValueObservingOptions = [],
    changeHandler: @escaping @Sendable (
      AVCaptureDevice.RotationCoordinator, NSKeyValueObservedChange<Value>
    ) -> Void
  ) -> NSKeyValueObservation { fatalError() }
}
