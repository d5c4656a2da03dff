declare module "*.css" {
  const text: string;
  export default text;
}
declare module "virtual:land" {
  /** The outlines of all land on the projected map, as the data of one SVG path. */
  const path: string;
  export default path;
}
