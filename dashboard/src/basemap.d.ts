declare module "virtual:basemap" {
  import type { FeatureCollection } from "geojson";
  const basemap: Record<"land" | "borders" | "prefectures", FeatureCollection>;
  export default basemap;
}
