export { init, use } from "echarts/core";
import { use } from "echarts/core";
import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, DataZoomInsideComponent, MarkLineComponent, MarkAreaComponent, AriaComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
use([LineChart, ScatterChart, GridComponent, DataZoomInsideComponent, MarkLineComponent, MarkAreaComponent, AriaComponent, CanvasRenderer]);
