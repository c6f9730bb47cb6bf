/** All types that pages may know of the host. The renderer imports from here, and types alone. */
export type { SerializedError } from '../errors.ts';
export type { DType } from '../ndarray/dtype.ts';
export type {
  CellBlock,
  CellEncoding,
  ColorMap,
  Heatmap,
  HeatmapRange,
  HeatmapRequest,
  Histogram,
  HistogramRequest,
  Quantile,
  ScaledHistogram,
  TensorStats,
} from '../stats/engine.ts';
export type { NamedLines, NormsSummary } from '../stats/norms-summary.ts';
export type { Between, Spectrum } from '../stats/spectrum/spectrum.ts';
export type { ComparedKind } from '../workspace/compare/compared.ts';
export type { MetadataDifference } from '../workspace/compare/metadata.ts';
export type { Edit, EditRequest } from '../workspace/edits.ts';
export type { DocumentValues, OtherValue } from '../workspace/other-values.ts';
export type { ProbeKind } from '../workspace/parameter-probe/probe-kinds.ts';
export type { Finding } from '../workspace/scan/health.ts';
export type {
  ComparisonFigures,
  ComparisonRow,
  ComparisonSide,
  CopyStatistics,
  DeviceBuffer,
  DeviceCopy,
  DeviceList,
  DeviceSummary,
  DeviceTotal,
  DiskState,
  DocumentSummary,
  DocumentTotals,
  EditPreview,
  Figure,
  HistoryItem,
  ParameterStatus,
  ParameterSummary,
  PlannedFile,
  ProbePass,
  ProbeResult,
  Recovery,
  RenamePreview,
  SavePlan,
  SaveResult,
  Task,
  TensorDetail,
  WorkspaceEvent,
  WrittenFormat,
} from '../workspace/summary.ts';
export type { ComparisonEvent } from './comparisons.ts';
export type { DirectoryEntry, DirectoryListing, FileRef, OfferedFile, Root } from './file-access.ts';
export type { ListingHeader } from './listing-codec.ts';
export type { HostMessage, PageBridge, PageMessage } from './message-transport.ts';
export type { InitializerName, ProbeInput } from './parameters.ts';
export type { AppRouter } from './router.ts';
export type { FindEvent, HealthEvent } from './scans.ts';
export type { DesktopBridge, DragOutRequest, ShellCommand, ShellState } from './shell.ts';
