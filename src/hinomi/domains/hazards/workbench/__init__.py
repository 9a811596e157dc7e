"""The scenario workbench (流域治水デジタルテストベッド): a case, changes, a run, a comparison."""
