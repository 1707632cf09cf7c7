/**
 * The part of Cloud Monitoring's dashboard document that we use, in the names of its JSON form. The API leaves out
 * what has its default (zeros, empty strings and lists, `false`), so a document that has them differs for ever: the
 * types make such fields optional, and nothing sets them.
 *
 * Source: google/monitoring/dashboard/v1 in googleapis/googleapis.
 */
export interface DashboardDocument {
  readonly displayName: string;
  readonly mosaicLayout: { readonly columns: number; readonly tiles: readonly Tile[] };
}

export interface Tile {
  /** Absent: at the left edge. */
  readonly xPos?: number;
  /** Absent: at the top. */
  readonly yPos?: number;
  readonly width: number;
  readonly height: number;
  readonly widget: Widget;
}

export interface Widget {
  readonly title: string;
  readonly scorecard?: Scorecard;
  readonly xyChart?: XyChart;
}

export interface TimeSeriesQuery {
  readonly prometheusQuery: string;
  /** A UCUM unit, such as `s` or `%`. */
  readonly unitOverride?: string;
}

export interface Scorecard {
  readonly timeSeriesQuery: TimeSeriesQuery;
  readonly sparkChartView: { readonly sparkChartType: "SPARK_LINE" };
  readonly thresholds?: readonly {
    readonly value: number;
    readonly color: "YELLOW" | "RED";
    readonly direction: "ABOVE" | "BELOW";
  }[];
}

export interface XyChart {
  readonly dataSets: readonly {
    readonly timeSeriesQuery: TimeSeriesQuery;
    readonly plotType: "LINE";
    readonly legendTemplate: string;
    readonly targetAxis: "Y1";
  }[];
  readonly thresholds?: readonly { readonly value: number; readonly label: string; readonly targetAxis: "Y1" }[];
  readonly yAxis: { readonly label: string; readonly scale: "LINEAR" };
}

/** Columns of the grid, and how many widgets Google allows in one dashboard. Source: Google's "Quotas and limits". */
export const DASHBOARD_LIMITS = { columns: 48, widgets: 100 } as const;

/** Why Google would refuse a document, a line each; empty when it would not. */
export function exceededLimits({ mosaicLayout }: DashboardDocument): readonly string[] {
  const { columns, tiles } = mosaicLayout;
  const { widgets } = DASHBOARD_LIMITS;
  return [
    ...(tiles.length > widgets ? [`it has ${tiles.length} widgets, of at most ${widgets}`] : []),
    ...tiles.flatMap(({ xPos = 0, width, widget }) =>
      xPos + width > columns ? [`"${widget.title}" ends in column ${xPos + width} of ${columns}`] : [],
    ),
  ];
}
